"""`manage.py benchmark`: what the engine costs on this machine."""

import json
import os
from argparse import ArgumentParser
from dataclasses import asdict
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Times the engine; needs no server, database or Redis."""

    help = "Time features, decoding, scoring and whole clips, beside librosa's own features."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Define the command line."""
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument("--runs", type=int, default=25, help="runs of each figure")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        if find_spec("librosa") is None:
            raise CommandError(
                "librosa, which is compared with, is a development dependency: "
                "install it with `uv sync --group dev`."
            )
        # As a worker is started; numpy reads it when it is loaded.
        os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")
        from detector import benchmark
        from detector.engine.decode import Decoder
        from detector.engine.model import Model

        clip = settings.FIXTURE_CLIPS / "real-librivox.flac"
        model = Model.load_bundle(settings.SHIPPED_MODEL)
        with Decoder() as decoder:
            bench = benchmark.Benchmark(decoder, model, clip, options["runs"])
            found = {"machine": benchmark.machine(), "model": model.name}
            found["clips"] = bench.clips()
            found["formats"] = bench.formats()
            found["steps"] = bench.steps()
            # Before librosa is loaded, which no worker ever does.
            found["memory"] = benchmark.memory()
            found["features"] = bench.features()
        if options["json"]:
            self.stdout.write(json.dumps(found, default=asdict, indent=2))
        else:
            self._print(found)

    def _print(self, found: dict[str, Any]) -> None:
        self.stdout.write(", ".join(f"{name} {value}" for name, value in found["machine"].items()))
        self.stdout.write(f"model {found['model']}; one thread; milliseconds\n\n")
        self._table("from bytes to verdict", found["clips"])
        self._table("decoding 10 s, confined", found["formats"])
        self._table("other steps, 10 s", found["steps"])
        features = found["features"]
        self._table("features of 10 s", features["costs"])
        for name, ratio in features["ratios"].items():
            if name != "librosa":
                per_second = features["costs"][name].cpu / 10
                self.stdout.write(
                    f"{name:<28}{ratio:8.1f} times librosa's speed,"
                    f"{per_second:7.2f} ms of CPU per second of audio"
                )
        memory = found["memory"]
        self.stdout.write(
            f"\nmemory of a worker {memory['resident']:.0f} MB (peak {memory['peak']:.0f} MB), "
            f"and of its decoder {memory['decoder']:.0f} MB"
        )

    def _table(self, title: str, costs: dict[str, Any]) -> None:
        self.stdout.write(f"{title:<28}{'median':>8}{'IQR':>8}{'CPU':>8}{'runs':>6}")
        for name, cost in costs.items():
            self.stdout.write(
                f"  {name:<26}{cost.median:8.1f}{cost.iqr:8.1f}{cost.cpu:8.1f}{cost.runs:6d}"
            )
        self.stdout.write("")
