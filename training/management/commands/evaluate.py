"""Judge labelled clips as the product does, and report how good that was."""

import json
from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Reads a CSV with ``file`` and ``label``; needs no server, database or Redis."""

    help = "Evaluate a model on labelled clips: columns file, label (real or fake), and any of "
    help += "generator, speaker, language, source_repo, task."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Manifest and options."""
        parser.add_argument("manifest", type=Path, metavar="MANIFEST.csv")
        parser.add_argument("--root", type=Path, help="folder of the files; else the manifest's")
        parser.add_argument("--split", help="only rows whose column `split` says so")
        parser.add_argument("--model", type=Path, default=settings.SHIPPED_MODEL, metavar="DIR")
        parser.add_argument("--json", action="store_true", help="one JSON object")
        parser.add_argument("--scores", type=Path, help="write what each clip got to this CSV")
        parser.add_argument("--rounds", type=int, default=500, help="of the bootstrap")
        parser.add_argument(
            "--degrade",
            metavar="KIND",
            action="append",
            help="judge worse copies of the clips: mp3-32, noise-10, ...; 'all' compares all kinds",
        )
        parser.add_argument("--jobs", type=int, default=1, help="processes")

    def handle(self, **options: Any) -> None:
        """Judge all clips, then report."""
        from detector.engine.model import BundleError, Model
        from training.learning import evaluation

        try:
            manifest = evaluation.read_labelled(options["manifest"], options["split"])
            model = Model.load_bundle(options["model"])
        except (BundleError, OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        judge = partial(
            evaluation.judge_clips,
            manifest,
            options["root"] or options["manifest"].parent,
            partial(Model.load_bundle, options["model"]),
            jobs=options["jobs"],
        )
        about = {"model_version": model.name, "threshold": model.threshold}
        if options["degrade"]:
            self._compare(options["degrade"], judge, about, as_json=options["json"])
        else:
            self._report(judge(), about, options)

    def _report(self, judged: Any, about: dict[str, Any], options: dict[str, Any]) -> None:
        from training.learning import evaluation
        from training.learning.bundle import rounded
        from training.learning.card import report_lines

        if options["scores"]:
            judged.to_csv(options["scores"], index=False)
        report = evaluation.report(judged, rounds=options["rounds"])
        if options["json"]:
            self.stdout.write(json.dumps(rounded(about | report), ensure_ascii=False))
        else:
            self.stdout.write(self._title(about))
            self.stdout.write("\n".join(report_lines(report)))

    def _compare(
        self, kinds: list[str], judge: Any, about: dict[str, Any], *, as_json: bool
    ) -> None:
        from training.learning import evaluation
        from training.learning.bundle import rounded
        from training.learning.card import degradations_table
        from training.learning.material.degradation import DEGRADATIONS, degraded

        kinds = list(DEGRADATIONS) if kinds == ["all"] else kinds
        if unknown := set(kinds) - set(DEGRADATIONS):
            raise CommandError(
                f"unknown degradation {', '.join(sorted(unknown))}; there are "
                f"{', '.join(DEGRADATIONS)}"
            )
        found = {"as they are": evaluation.overall_figures(judge())}
        for kind in kinds:
            found[kind] = evaluation.overall_figures(judge(read=partial(degraded, kind=kind)))
        if as_json:
            self.stdout.write(json.dumps(rounded(about | {"degraded": found})))
        else:
            self.stdout.write(self._title(about))
            self.stdout.write("\n".join(degradations_table(found)))

    @staticmethod
    def _title(about: dict[str, Any]) -> str:
        return f"{about['model_version']}, FAKE from {about['threshold']:.3f} on\n\n"
