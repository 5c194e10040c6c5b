"""The values that pass between the engine's steps.

Imported by the web process too, so nothing heavy is imported at run time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SAMPLE_RATE = 16_000
"""Every schema works on mono float32 samples at this rate, in Hz."""


class Verdict(StrEnum):
    """What the detector says of a clip."""

    REAL = "REAL"
    FAKE = "FAKE"
    INCONCLUSIVE = "INCONCLUSIVE"


class SegmentKind(StrEnum):
    """Whether a segment was scored, or why it was not."""

    SPEECH = "speech"
    SILENCE = "silence"
    LITTLE_SPEECH = "little_speech"


@dataclass(frozen=True, slots=True)
class ClipFacts:
    """What the file itself says, as found by decoding it (never as its header claims)."""

    container: str
    codec: str
    sample_rate: int
    channels: int
    duration: float
    """Seconds of audio that were decoded."""
    truncated: bool = False
    """The file ended early or had damaged parts; what could be decoded was used."""


@dataclass(frozen=True, slots=True)
class Audio:
    """Decoded audio: `samples` has shape (n,), float32 in -1..1, mono, at `SAMPLE_RATE`."""

    samples: NDArray[np.float32]
    facts: ClipFacts


@dataclass(frozen=True, slots=True)
class Segment:
    """A window of the clip, in seconds. Only `speech` segments carry a score."""

    start: float
    end: float
    kind: SegmentKind
    score: float | None = None
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for the verdict: a key of `detector.messages.REASONS` and its values.

    `weight` is the share of the score in log-likelihood units (positive: towards FAKE), or None
    where the reason is a fact about the clip and not a part of the score.
    """

    code: str
    weight: float | None = None
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BandWeight:
    """How far what was heard between two frequencies moved the score."""

    low_hz: int
    high_hz: int
    weight: float


@dataclass(frozen=True, slots=True)
class SegmentWeight:
    """How far one scored window, given in seconds, moved the clip's score."""

    start: float
    end: float
    weight: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """What moved the score; weights are in log-likelihood units, positive towards FAKE.

    A weight is what the score loses without the thing: see `detector.engine.explain`.
    """

    usual: float
    """Score of the mean voice of the calibration material, with which families are compared."""
    families: dict[str, float]
    bands: tuple[BandWeight, ...]
    """Empty where the schema has no columns of single bands."""
    segments: tuple[SegmentWeight, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A clip for the eye; both have the same columns over the whole clip."""

    peaks: bytes
    """Largest magnitude in each column, 255 for the clip's own largest."""
    spectrogram: bytes
    """PNG in grey: a pixel for each column and band, 0 Hz at the bottom, 8 kHz at the top."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything that one model version says of one clip.

    `score` is the calibrated log-likelihood ratio of the clip (natural log, positive means
    synthetic) and `probability` the calibrated probability of FAKE; both are None where nothing
    could be scored, and then the verdict is INCONCLUSIVE. FAKE means
    ``probability >= threshold``, REAL ``probability <= real_threshold``.
    """

    verdict: Verdict
    probability: float | None
    score: float | None
    threshold: float
    real_threshold: float
    segments: tuple[Segment, ...]
    reasons: tuple[Reason, ...]
    quality: dict[str, float]
    """Measured facts: speech_seconds, level_dbfs, bandwidth_hz, clipped_share, novelty, ..."""
    facts: ClipFacts
    sha256: str
    model_version: str
    schema: str
    timings: dict[str, float]
    """Seconds spent on decode, segments, features, picture, score."""
    picture: Picture
    explanation: Explanation | None = None
    """None where nothing could be scored."""
