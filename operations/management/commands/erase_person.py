"""`manage.py erase_person --email E`: erase somebody, and print the proof."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from operations.personal import LastingPersonError, erase_person, waiting_for_storage


class Command(BaseCommand):
    """What is erased is gone: nothing brings it back but a backup."""

    help = "Erase a person with all their audio; print when each file went, by its sha256, as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Define the command line."""
        parser.add_argument("--email", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        user = User.objects.filter(email=options["email"].strip().lower()).first()
        if user is None:
            raise CommandError(f"Nobody has the address {options['email']}.")
        try:
            erasures = erase_person(user=user)
        except LastingPersonError as error:
            raise CommandError(
                "This is an administrator: give somebody else the office first, and them another."
            ) from error
        proof = [
            {"at": e.at.isoformat(), "kind": e.kind, "id": e.target, "sha256": e.sha256}
            for e in erasures
        ]
        self.stdout.write(json.dumps({"person": user.pk, "erased": proof}, indent=1))
        if waiting := waiting_for_storage(user):
            self.stderr.write(f"{waiting} files could not be erased yet; the sweep tries again.")
