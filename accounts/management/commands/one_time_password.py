"""`manage.py one_time_password --email E`: let in somebody who lost their password."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.services import issue_one_time_password


class Command(BaseCommand):
    """Print a password for one use; the person's sessions end."""

    help = "Replace somebody's password by one for one use, and print it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Define the command line."""
        parser.add_argument("--email", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        user = User.objects.filter(email=options["email"].strip().lower()).first()
        if user is None:
            raise CommandError(f"Nobody has the address {options['email']}.")
        self.stdout.write(issue_one_time_password(user=user, actor=None))
