"""`manage.py up`: run everything with one command."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from config.stack.arguments import add_up_arguments
from config.stack.paths import BASE_DIR, data_dir


class Command(BaseCommand):
    """Become the supervisor, which is a program without Django and stays small."""

    help = "Run everything: PostgreSQL, Redis, migrations, web server, workers, beat."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Define the command line."""
        add_up_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it; does not return."""
        words = [f"--port={options['port']}", f"--bind={options['bind']}"]
        words.append(f"--predict-workers={options['predict_workers']}")
        os.environ["VOICETELL_DATA"] = str(data_dir())
        os.chdir(BASE_DIR)
        os.execv(sys.executable, [sys.executable, "-m", "config.stack", "up", *words])  # noqa: S606
