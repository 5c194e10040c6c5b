"""`manage.py register_model`: register the shipped model."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from training.models import AliasName
from training.selectors import version_for
from training.services import BundleError, promote, register_version


class Command(BaseCommand):
    """Register a bundle; it becomes champion where there is none."""

    help = "Register a model bundle (the shipped one by default); champion if there is none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Define the command line."""
        parser.add_argument("bundle", nargs="?", type=Path, default=settings.SHIPPED_MODEL)
        parser.add_argument("--promote", action="store_true", help="make it champion in any case")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        try:
            version = register_version(bundle=options["bundle"])
        except (BundleError, OSError, ValueError, KeyError) as error:
            raise CommandError(str(error)) from error
        if options["promote"] or version_for(AliasName.CHAMPION) is None:
            promote(version=version, reason="registered by command")
        self.stdout.write(f"{version.name} registered")
