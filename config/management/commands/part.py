"""`manage.py part NAME`: run one part of Voicetell, as a container or another host does."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.stack.arguments import add_up_arguments
from config.stack.paths import BASE_DIR, data_dir, is_configured
from config.stack.site import Site, parts

NEEDED = ("DATABASE_URL", "REDIS_URL", "VOICETELL_SECRET_KEY")
"""What parts that run apart must have in common; each may be given as `NAME_FILE`."""


class Command(BaseCommand):
    """Become the part: signals reach it, and its end is the end of this process."""

    help = "Run one part: web, predict, train, extract, upkeep or beat."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Define the command line."""
        parser.add_argument(
            "name", choices=("web", "predict", "train", "extract", "upkeep", "beat")
        )
        add_up_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it; does not return."""
        if missing := [name for name in NEEDED if not is_configured(name)]:
            raise CommandError(
                f"{' and '.join(missing)} must be set: a part that runs by itself has no services "
                "and no key of its own."
            )
        site = Site(options["bind"], options["port"], options["predict_workers"])
        part = parts(site)[options["name"]]
        os.environ.update(part.env, VOICETELL_DATA=str(data_dir()), PYTHONUNBUFFERED="1")
        data_dir().mkdir(parents=True, exist_ok=True)
        os.chdir(BASE_DIR)
        sys.stdout.flush()
        os.execvp(part.argv[0], list(part.argv))  # noqa: S606 - our own command lines
