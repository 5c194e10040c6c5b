"""Train the shipped model on a feature table and write its bundle."""

import json
from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Fits on ``train``, judges the clips of ``dev``, writes the bundle; needs no database."""

    help = "Train, calibrate and evaluate the shipped model (development)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to read and write."""
        parser.add_argument("--table", type=Path, action="append", required=True)
        parser.add_argument("--corpus", type=Path, required=True, help="its `dev` is judged")
        parser.add_argument("--name", required=True)
        parser.add_argument("--out", type=Path, default=Path("fixtures/model"))
        parser.add_argument("--card", type=Path, help="JSON: title to text")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--jobs", type=int, default=1)

    def handle(self, **options: Any) -> None:
        """Train, judge `dev`, write."""
        from detector.engine.model import Model
        from training.learning import bundle, evaluation, evidence, recipe
        from training.learning.table import FeatureTable

        table = FeatureTable.join([FeatureTable.load(path) for path in options["table"]])
        train = table.where(table.rows["split"] == "train")
        artifact, manifest = recipe.make_version(
            train, name=options["name"], seed=options["seed"], wanted=recipe.Wanted()
        )
        clips = evaluation.read_labelled(options["corpus"] / "manifest.csv", "dev")
        judged = evaluation.judge_clips(
            clips, options["corpus"], partial(Model.load, artifact, manifest), jobs=options["jobs"]
        )
        manifest["metrics"] = evaluation.report(judged)
        dev = table.where(table.rows["split"] == "dev")
        manifest["evidence"] = evidence.evidence(judged, manifest["threshold"])
        manifest["evidence"]["importance"] = evidence.importance(
            Model.load(artifact, manifest), dev.features, dev.fake
        )
        if options["card"]:
            manifest["card"] = json.loads(options["card"].read_text())
        bundle.write_bundle(options["out"], artifact, manifest)
        self.stdout.write((options["out"] / bundle.CARD).read_text())
