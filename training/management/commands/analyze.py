"""Describe a feature table in numbers and pictures."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Reads a CSV with the columns of `deepvoice-26` and LABEL; needs no database."""

    help = "Print class balance, gaps, distributions, correlations and importances of a table."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The table, and where the pictures go."""
        parser.add_argument("table", type=Path, metavar="TABLE.csv")
        parser.add_argument("--plots", type=Path, metavar="DIR", help="also draw SVG files there")
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, **options: Any) -> None:
        """Read, print, draw."""
        from training.learning.description import describe, description_lines
        from training.learning.feature_csv import read_feature_csv
        from training.learning.plots import write_plots

        try:
            table = read_feature_csv(options["table"])
            found = describe(table, seed=options["seed"])
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write("\n".join(description_lines(found)))
        if options["plots"]:
            try:
                written = write_plots(table, found, options["plots"])
            except ImportError as error:
                raise CommandError(
                    "plots need matplotlib: uv sync --inexact --extra plots"
                ) from error
            self.stdout.write("\n".join(["", *map(str, written)]))
