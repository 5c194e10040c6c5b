"""`manage.py restore FOLDER`: a backup into an empty place."""

from argparse import ArgumentParser
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.stack import postgres
from config.stack.paths import data_dir, is_configured
from config.stack.services import services
from operations.backup import BackupError, has_other_key, restore
from operations.postgres_tools import ToolError


class Command(BaseCommand):
    """Restore; embedded services that are to be used and do not run, run meanwhile."""

    help = "Restore a backup into an empty database and storage, and bring it up to date."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Define the command line."""
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        needs_services = not is_configured("DATABASE_URL") and not postgres.is_ready()
        try:
            with services(data_dir()) if needs_services else nullcontext():
                made = restore(options["folder"].absolute())
        except (BackupError, ToolError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Restored what was backed up at {made.created_at} by version {made.version}: "
            f"{sum(made.rows.values())} rows of {len(made.rows)} tables, {len(made.files)} files."
        )
        if has_other_key(made):
            self.stderr.write(
                "The secret key is not the one of the backup: API tokens, sessions, invitations "
                "and links to results of that time are of no use. Set the earlier "
                "VOICETELL_SECRET_KEY to have them back."
            )
