"""How much a verdict may be leant on, in words, and what that rests on.

The words are those of the ENFSI guideline for evaluative reporting in forensic science (2015) for
likelihood ratios, which is what the score is.
"""

import math
from dataclasses import dataclass
from typing import Any

from detector.engine.types import SegmentKind, Verdict
from detector.models import Prediction

LEVELS = (
    (2, "none", "no support"),
    (10, "weak", "weak support"),
    (100, "moderate", "moderate support"),
    (1_000, "fairly_strong", "moderately strong support"),
    (math.inf, "strong", "strong support"),
)
"""Up to which likelihood ratio which words hold."""

CAUTIONS = frozenset({"out_of_domain", "little_speech", "narrow_band", "clipped", "truncated"})
"""Reasons that limit what a verdict is worth."""


@dataclass(frozen=True, slots=True)
class Confidence:
    """What a verdict is worth."""

    level: str
    """Stable: `none`, `weak`, `moderate`, `fairly_strong` or `strong`."""
    text: str
    likelihood_ratio: float
    """How many times likelier the evidence is under what it speaks for."""
    towards: Verdict
    """What the evidence speaks for: REAL or FAKE, also where the verdict is INCONCLUSIVE."""
    speech_seconds: float
    windows: int
    agreeing: int
    """Windows that speak for the same by themselves."""
    cautions: list[str]


def confidence_of(prediction: Prediction) -> Confidence | None:
    """Put a prediction's score into words, or return None where nothing was scored."""
    score: float | None = prediction.score
    if score is None or prediction.model_version is None:
        return None
    ratio = math.exp(abs(score))
    level, words = next((level, words) for limit, level, words in LEVELS if ratio < limit)
    towards = Verdict.FAKE if score > 0 else Verdict.REAL
    scored: list[dict[str, Any]] = [
        segment for segment in prediction.segments if segment["kind"] == SegmentKind.SPEECH
    ]
    agreeing = sum((segment["score"] > 0) == (score > 0) for segment in scored)
    seconds = prediction.quality.get("speech_seconds", 0.0)
    kind = "synthetic" if towards == Verdict.FAKE else "human"
    text = (
        f"The evidence gives {words} for a {kind} voice: on the data that "
        f"{prediction.model_version.name} was calibrated on, it was {_times(ratio)} as likely with "
        f"a {kind} voice as with the other kind. It rests on {seconds:.1f} s of speech; "
        f"{agreeing} of {len(scored)} windows point the same way by themselves."
    )
    return Confidence(
        level=level,
        text=text,
        likelihood_ratio=ratio,
        towards=towards,
        speech_seconds=seconds,
        windows=len(scored),
        agreeing=agreeing,
        cautions=[reason["code"] for reason in prediction.reasons if reason["code"] in CAUTIONS],
    )


def _times(ratio: float) -> str:
    return f"{ratio:.1f} times" if ratio < 10 else f"about {ratio:,.0f} times"
