"""Write the figures of docs/detector.md anew, after another model is shipped."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Reads a bundle's manifest, and what `evaluate --degrade all --json` printed."""

    help = "Write the figures of docs/detector.md anew (development)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to read and write."""
        parser.add_argument("--model", type=Path, default=settings.SHIPPED_MODEL, metavar="DIR")
        parser.add_argument("--degraded", type=Path, help="of `evaluate --degrade all --json`")
        parser.add_argument(
            "--page", type=Path, default=Path(settings.BASE_DIR, "docs", "detector.md")
        )

    def handle(self, **options: Any) -> None:
        """Replace the page's sections."""
        from training.learning.figures_page import clips_lines, degraded_lines, replace_section

        manifest = json.loads((options["model"] / "manifest.json").read_text())
        sections = {"clips": clips_lines(manifest)}
        if options["degraded"]:
            sections["degraded"] = degraded_lines(json.loads(options["degraded"].read_text()))
        page = options["page"].read_text()
        try:
            for name, lines in sections.items():
                page = replace_section(page, name, lines)
        except ValueError as error:
            raise CommandError(str(error)) from error
        options["page"].write_text(page)
