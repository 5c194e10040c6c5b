"""Import a feature table, and train and compare classifiers on it."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Reads a CSV with the columns of `deepvoice-26` and LABEL; needs no database."""

    help = "Train and cross-validate classifiers on a feature table with a LABEL column."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The table and what to try on it."""
        parser.add_argument("table", type=Path, metavar="TABLE.csv")
        parser.add_argument("--family", action="append", help="only this one; may be repeated")
        parser.add_argument("--folds", type=int, default=10)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--jobs", type=int, default=1, help="processes")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, **options: Any) -> None:
        """Read, compare, report."""
        from training.learning import comparison
        from training.learning.families import FAMILIES
        from training.learning.feature_csv import SCHEMA, read_feature_csv

        families = options["family"] or list(FAMILIES)
        strange = set(families) - set(FAMILIES)
        if strange:
            raise CommandError(f"--family is one of {', '.join(FAMILIES)}, not {strange.pop()}")
        try:
            table = read_feature_csv(options["table"])
            results = comparison.compare(
                table,
                families,
                folds=options["folds"],
                seed=options["seed"],
                jobs=options["jobs"],
            )
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            report = {
                "schema": SCHEMA,
                "rows": len(table.fake),
                "folds": options["folds"],
                "cautions": comparison.cautions(table),
                "families": [asdict(result) for result in results],
            }
            self.stdout.write(json.dumps(report, ensure_ascii=False))
        else:
            lines = comparison.comparison_lines(table, results, options["folds"])
            self.stdout.write("\n".join(lines))
