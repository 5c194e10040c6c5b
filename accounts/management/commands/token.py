"""`manage.py token create --email E --name N`: make an API token."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Scope, User
from accounts.services import DEFAULT_SCOPES, create_token


class Command(BaseCommand):
    """Print a new token; it cannot be shown again."""

    help = "Make an API token for a person and print it, once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Define the command line."""
        create = parser.add_subparsers(dest="action", required=True).add_parser("create")
        create.add_argument("--email", required=True)
        create.add_argument("--name", required=True)
        create.add_argument("--scope", action="append", choices=Scope.values, dest="scopes")
        create.add_argument("--days", type=int, help="days until it expires (default: never)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        owner = User.objects.filter(email=options["email"].strip().lower()).first()
        if owner is None:
            raise CommandError(f"Nobody has the address {options['email']}.")
        days = options["days"]
        _, text = create_token(
            owner=owner,
            name=options["name"],
            scopes=options["scopes"] or DEFAULT_SCOPES,
            expires_at=timezone.now() + timedelta(days=days) if days else None,
        )
        self.stdout.write(text)
