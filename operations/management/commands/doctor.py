"""`manage.py doctor`: what is wrong, and how to mend it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from operations.doctor import Grade, examine


class Command(BaseCommand):
    """Look at everything; exit status 1 where something is bad."""

    help = "Say what is wrong with this installation, and how to mend it."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        bad = 0
        for found in examine():
            bad += found.grade is Grade.BAD
            self.stdout.write(f"{found.grade:8} {found.about:11} {found.words}")
            if found.mend and found.grade is not Grade.GOOD:
                self.stdout.write(f"{'':20} -> {found.mend}")
        if bad:
            raise CommandError(f"{bad} to mend.")
