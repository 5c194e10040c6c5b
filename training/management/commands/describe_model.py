"""Make a new version of a bundle that lacks what the pages of the training centre draw."""

from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Judges the clips of ``dev`` again with the bundle's model; its figures stay as they are."""

    help = "Add evidence and the kind of classifier to a bundle's manifest (development)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to read and write."""
        parser.add_argument("bundle", nargs="?", type=Path, default=settings.SHIPPED_MODEL)
        parser.add_argument("--table", type=Path, required=True, help="its `dev` rows are scored")
        parser.add_argument("--corpus", type=Path, required=True, help="its `dev` is judged")
        parser.add_argument("--name", required=True, help="of the new version")
        parser.add_argument("--model-type", required=True)
        parser.add_argument("--jobs", type=int, default=1)

    def handle(self, **options: Any) -> None:
        """Judge, describe, write."""
        from detector.engine.model import ARTIFACT, Model
        from training.learning import bundle, evaluation, evidence
        from training.learning.table import FeatureTable

        folder = options["bundle"]
        model = Model.load_bundle(folder)
        table = FeatureTable.load(options["table"])
        dev = table.where(table.rows["split"] == "dev")
        judged = evaluation.judge_clips(
            evaluation.read_labelled(options["corpus"] / "manifest.csv", "dev"),
            options["corpus"],
            partial(Model.load_bundle, folder),
            jobs=options["jobs"],
        )
        shown = evidence.evidence(judged, model.threshold)
        shown["importance"] = evidence.importance(model, dev.features, dev.fake)
        named = {"name": options["name"], "model_type": options["model_type"]}
        manifest = {**model.manifest, **named, "evidence": shown}
        bundle.write_bundle(folder, (folder / ARTIFACT).read_bytes(), manifest)
        self.stdout.write(f"{folder}: {options['name']}")
