"""Run docs/notebook and keep what came out."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Needs the development tools, for matplotlib, and no database."""

    help = "Run the script of docs/notebook and write it as a notebook (development)."
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        """Run, write."""
        from training.learning.notebook import cells_of, run, write_notebook

        script = settings.BASE_DIR / "docs" / "notebook" / "audio_to_verdict.py"
        os.chdir(settings.BASE_DIR)
        write_notebook(script.with_suffix(".ipynb"), run(cells_of(script.read_text())))
        self.stdout.write(str(script.with_suffix(".ipynb")))
