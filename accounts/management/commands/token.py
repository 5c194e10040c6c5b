"""`manage.py token create|list|revoke`: API tokens."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import ApiToken, Scope, User
from accounts.selectors import tokens_of
from accounts.services import DEFAULT_SCOPES, create_token, revoke_token


class Command(BaseCommand):
    """Make, list and revoke tokens."""

    help = "Make an API token for a person and print it, once; list or revoke tokens."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Define the command line."""
        actions = parser.add_subparsers(dest="action", required=True)
        create = actions.add_parser("create", help="make a token and print it, once")
        create.add_argument("--email", required=True)
        create.add_argument("--name", required=True)
        create.add_argument("--scope", action="append", choices=Scope.values, dest="scopes")
        create.add_argument("--days", type=int, help="days until it expires (default: never)")
        listing = actions.add_parser("list", help="show a person's tokens")
        listing.add_argument("--email", required=True)
        revoke = actions.add_parser("revoke", help="end a token at once")
        revoke.add_argument("prefix", help="what the list shows: vt_…, or the whole token")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        {"create": self._create, "list": self._list, "revoke": self._revoke}[options["action"]](
            options
        )

    def _create(self, options: dict[str, Any]) -> None:
        days = options["days"]
        if days is not None and days < 1:
            raise CommandError("--days: at least 1.")
        _, text = create_token(
            owner=_person(options["email"]),
            name=options["name"],
            scopes=options["scopes"] or DEFAULT_SCOPES,
            expires_at=timezone.now() + timedelta(days=days) if days else None,
        )
        self.stdout.write(text)

    def _list(self, options: dict[str, Any]) -> None:
        for token in tokens_of(_person(options["email"])):
            ends = f"{token.expires_at:%Y-%m-%d}" if token.expires_at else "never"
            used = f"{token.last_used_at:%Y-%m-%d %H:%M}" if token.last_used_at else "never"
            scopes = ",".join(token.scopes)
            self.stdout.write(
                f"vt_{token.prefix}  {token.name}  {scopes}  ends: {ends}  used: {used}"
            )

    def _revoke(self, options: dict[str, Any]) -> None:
        # Whoever gives the whole token, secret and all, means the same.
        prefix = options["prefix"].removeprefix("vt_").partition("_")[0]
        token = ApiToken.objects.filter(prefix=prefix, revoked_at=None).first()
        if token is None:
            raise CommandError("There is no such token, or it is revoked already.")
        revoke_token(token=token, actor=None)
        self.stdout.write(f"{token} is revoked.")


def _person(email: str) -> User:
    person = User.objects.filter(email=email.strip().lower()).first()
    if person is None:
        raise CommandError(f"Nobody has the address {email}.")
    return person
