"""`manage.py backup FOLDER`: database and files in one folder."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from operations.backup import BackupError, back_up
from operations.postgres_tools import ToolError


class Command(BaseCommand):
    """Back up while the site runs."""

    help = "Back up the database and all files into a new folder; the site may run meanwhile."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Define the command line."""
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        folder = options["folder"].absolute()
        try:
            made = back_up(folder)
        except (BackupError, ToolError) as error:
            raise CommandError(str(error)) from error
        for name in made.missing:
            self.stderr.write(f"Not in the storage: {name}")
        self.stdout.write(
            f"{folder}: {sum(made.rows.values())} rows of {len(made.rows)} tables, "
            f"{len(made.files)} files. Keep the secret key elsewhere: it is not in the backup."
        )
