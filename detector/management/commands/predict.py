"""Judge files on the command line: no server, no database, no Redis."""

import hashlib
import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from detector.engine.errors import ClipError
from detector.engine.judge import Judge
from detector.engine.types import Judgement
from detector.messages import problem_text, reason_text


class Command(BaseCommand):
    """Prints a table, or one JSON object a line."""

    help = "Judge audio files with the shipped model, or another bundle."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Files and options."""
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")
        parser.add_argument("--model", type=Path, default=settings.SHIPPED_MODEL, metavar="DIR")

    def handle(self, **options: Any) -> None:
        """Judge one file after the other; a bad one gets its line and the rest goes on."""
        from detector.engine.decode import Decoder
        from detector.engine.model import BundleError, Model

        try:
            model = Model.load_bundle(options["model"])
        except BundleError as error:
            raise CommandError(str(error)) from error
        failed = 0
        if not options["json"]:
            self.stdout.write(f"{'verdict':<13} {'P(fake)':>7} {'seconds':>8}  file")
        with Decoder() as decoder:
            judge = Judge(decoder, model)
            for path in options["files"]:
                line, bad = self._line(judge, path, as_json=options["json"])
                failed += bad
                self.stdout.write(line)
                self.stdout.flush()
        if failed:
            sys.exit(1)

    def _line(self, judge: Judge, path: Path, *, as_json: bool) -> tuple[str, bool]:
        """Judge one file: its line of output, and whether it failed."""
        try:
            content = path.read_bytes()
            sha256 = hashlib.sha256(content).hexdigest()
            judgement = judge.judge(content, sha256=sha256, max_seconds=settings.MAX_CLIP_SECONDS)
        except OSError as error:
            return _error(path, "unreadable", error.strerror or str(error), as_json=as_json), True
        except ClipError as error:
            text = problem_text(error.code, error.params)
            return _error(path, error.code, text, as_json=as_json), True
        if as_json:
            return json.dumps(as_dict(path, judgement), ensure_ascii=False), False
        return _row(path, judgement), False


def as_dict(path: Path, judgement: Judgement) -> dict[str, Any]:
    """Return the JSON line of a judged file."""
    return {
        "file": str(path),
        "verdict": judgement.verdict.value,
        "probability": judgement.probability,
        "score": judgement.score,
        "threshold": judgement.threshold,
        "real_threshold": judgement.real_threshold,
        "segments": [asdict(segment) for segment in judgement.segments],
        "reasons": [
            asdict(reason) | {"text": reason_text(reason.code, reason.params)}
            for reason in judgement.reasons
        ],
        "quality": judgement.quality,
        "model_version": judgement.model_version,
        "duration": judgement.facts.duration,
        "sha256": judgement.sha256,
    }


def _row(path: Path, judgement: Judgement) -> str:
    share = "-" if judgement.probability is None else f"{judgement.probability:.3f}"
    return f"{judgement.verdict:<13} {share:>7} {judgement.facts.duration:>8.2f}  {path}"


def _error(path: Path, code: str, message: str, *, as_json: bool) -> str:
    if as_json:
        error = {"file": str(path), "error": {"code": code, "message": message}}
        return json.dumps(error, ensure_ascii=False)
    return f"{'ERROR':<13} {'-':>7} {'-':>8}  {path}: {message} ({code})"
