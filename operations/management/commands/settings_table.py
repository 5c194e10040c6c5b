"""`manage.py settings_table`: the table of docs/settings.md."""

from typing import Any

from django.core.management.base import BaseCommand

from operations.settings_table import settings_table


class Command(BaseCommand):
    """Print it."""

    help = "Print every setting with its default and what it is about, as docs/settings.md has it."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        self.stdout.write(settings_table())
