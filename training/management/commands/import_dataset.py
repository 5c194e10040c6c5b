"""Read a data set of the field: from its own metadata to our manifest."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Reads metadata and writes ``manifest.csv``; moves no audio and needs no database."""

    help = "Write the manifest of a data set that `build_features` and `evaluate` read."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which data set, and where it and its manifest are."""
        parser.add_argument("kind", help="asvspoof2019-la, mlaad, manifest, ...: docs/datasets.md")
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument("--out", type=Path, help="folder; else .research/KIND")
        parser.add_argument("--split", default="train", help="of clips whose data set has none")

    def handle(self, **options: Any) -> None:
        """Read, write, count."""
        from training.learning.datasets import KINDS, DatasetError, write_manifest

        kind = options["kind"]
        if kind not in KINDS:
            raise CommandError(f"{kind!r} is none of {', '.join(KINDS)}")
        out = options["out"] or Path(".research") / kind
        try:
            counts = write_manifest(kind, options["folder"], out, split=options["split"])
        except DatasetError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{out / 'manifest.csv'}: {counts['real']:,} real and {counts['fake']:,} fake clips"
        )
        if counts["missing"]:
            self.stderr.write(f"{counts['missing']:,} more are described, but not on disk")
