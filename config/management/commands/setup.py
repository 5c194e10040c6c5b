"""`manage.py setup`: everything that has to be there before the parts can run."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from accounts.services import ensure_admin


class Command(BaseCommand):
    """Doing it again does no harm: it brings up to date what there is."""

    help = "Bring the database up to date, register the shipped model, make an administrator."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        call_command("migrate", interactive=False, stdout=self.stdout)
        call_command("register_model", stdout=self.stdout)
        user, password = ensure_admin(email=settings.ADMIN_EMAIL, password=settings.ADMIN_PASSWORD)
        if password:
            self.stdout.write(
                f"Log in as {user.email} with the password {password} (shown only this once)"
            )
