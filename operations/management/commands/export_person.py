"""`manage.py export_person --email E FILE`: all that is kept about somebody."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from operations.personal import export_person


class Command(BaseCommand):
    """For a person who can no longer log in to get it themselves."""

    help = "Write everything that is kept about a person into a new ZIP file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Define the command line."""
        parser.add_argument("--email", required=True)
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        user = User.objects.filter(email=options["email"].strip().lower()).first()
        if user is None:
            raise CommandError(f"Nobody has the address {options['email']}.")
        with options["file"].open("xb") as file:
            options["file"].chmod(0o600)
            export_person(user=user, file=file)
