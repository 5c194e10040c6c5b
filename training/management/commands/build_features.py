"""Compute the feature table of one or more corpora."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Reads folders with a ``manifest.csv``; needs no database."""

    help = "Compute features of corpora's clips and of augmented copies (development)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to read and write, and how many copies."""
        parser.add_argument("corpus", type=Path, nargs="+")
        parser.add_argument("--out", type=Path, required=True, help="an .npz file")
        parser.add_argument("--schema", default="voicetell-2", help="or ssl:MODEL[@LAYER]")
        parser.add_argument("--copies", type=int, default=3)
        parser.add_argument("--windows", type=int, default=1, help="of a clip over 3 s, at most")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--jobs", type=int, default=1)

    def handle(self, **options: Any) -> None:
        """Extract and save."""
        import pandas as pd

        from detector.engine import schemas
        from training.learning.extraction import extract, read_manifest

        try:
            schemas.get(options["schema"])
        except KeyError as error:
            raise CommandError(f"unknown feature schema {options['schema']!r}") from error
        except schemas.SchemaError as error:
            raise CommandError(str(error)) from error
        manifest = pd.concat([read_manifest(folder) for folder in options["corpus"]])
        table = extract(
            manifest.reset_index(drop=True),
            schema=options["schema"],
            copies=options["copies"],
            seed=options["seed"],
            jobs=options["jobs"],
            most_windows=options["windows"],
        )
        options["out"].parent.mkdir(parents=True, exist_ok=True)
        table.save(options["out"])
        self.stdout.write(f"{len(table.rows)} rows of {table.features.shape[1]} columns")
