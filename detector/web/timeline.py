"""Where the shapes of a timeline go: a column for each segment, in a drawing as wide as its page.

Horizontal places are per cent of the drawing's width, so that it needs no script and no
distortion to fit; vertical ones are pixels from the top.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

from detector.engine.types import SegmentKind, Verdict

HEIGHT = 168
SMALLEST = 3
"""Pixels that a column has at least, so that a low one is seen."""
STEPS = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
MOST_TICKS = 7
ROOM_FOR_GAPS = 90
"""Columns up to this number stand apart; more than that touch."""


@dataclass(frozen=True, slots=True)
class Column:
    """A scored segment; it stands over the middle of its window, where windows overlap."""

    x: str
    width: str
    y: str
    height: str
    zone: Verdict
    start: str
    end: str
    percent: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch that was not scored, with the kind of segment that says why."""

    x: str
    width: str
    middle: str
    kind: SegmentKind
    start: str
    end: str
    is_wide: bool
    """Whether its kind can be written into it."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A horizontal line."""

    y: str
    label: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the axis of time; its label is anchored so that it stays inside the drawing."""

    x: str
    label: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """All shapes of one clip's timeline."""

    columns: tuple[Column, ...]
    gaps: tuple[Gap, ...]
    ticks: tuple[Tick, ...]
    fake_from: Threshold
    real_to: Threshold
    duration: float
    stands_apart: bool


def draw(
    segments: Sequence[dict[str, Any]], *, threshold: float, real_threshold: float, duration: float
) -> Timeline | None:
    """Place a clip's segments (as `Prediction.segments` keeps them), or None without any."""
    if not segments or duration <= 0:
        return None
    placed = [
        (segment, left, right)
        for segment, (left, right) in zip(
            segments, pairwise(edges(segments, duration)), strict=True
        )
    ]
    columns: list[Column] = []
    gaps: list[Gap] = []
    for kind, run in groupby(placed, key=lambda part: part[0]["kind"]):
        if kind != SegmentKind.SPEECH:
            gaps.append(_gap(list(run), duration))
            continue
        columns += [
            _column(segment, left, right, duration, threshold, real_threshold)
            for segment, left, right in run
        ]
    return Timeline(
        columns=tuple(columns),
        gaps=tuple(gaps),
        ticks=tuple(_ticks(duration)),
        fake_from=Threshold(_pixels((1 - threshold) * HEIGHT), percent(threshold)),
        real_to=Threshold(_pixels((1 - real_threshold) * HEIGHT), percent(real_threshold)),
        duration=duration,
        stands_apart=len(segments) <= ROOM_FOR_GAPS,
    )


def waveform(peaks: bytes) -> str:
    """Return the outline of a waveform as an SVG path, `len(peaks)` wide and `HEIGHT` high."""
    middle = HEIGHT / 2
    reach = [peak / 255 * (middle - 4) for peak in peaks]
    above = "".join(f"L{x} {middle - r:.0f}" for x, r in enumerate(reach))
    below = "".join(f"L{x} {middle + r:.0f}" for x, r in reversed([*enumerate(reach)]))
    return f"M0 {middle:.0f}{above}{below}Z"


def zone_of(probability: float, *, threshold: float, real_threshold: float) -> Verdict:
    """Return on which side of the thresholds a probability lies."""
    if probability >= threshold:
        return Verdict.FAKE
    return Verdict.REAL if probability <= real_threshold else Verdict.INCONCLUSIVE


def percent(probability: float) -> str:
    """Write a probability as whole per cent, and as one decimal near the ends.

    It never says 0 or 100: the detector is never certain.
    """
    value = 100 * probability
    if value < 0.1:
        return "< 0.1 %"
    if value > 99.9:
        return "> 99.9 %"
    digits = 1 if value < 1 or value > 99 else 0
    return f"{value:.{digits}f} %"


def clock(seconds: float) -> str:
    """Write a place in a clip as minutes and seconds, with tenths where there are any."""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    text = f"{minutes}:{rest // 10:02d}"
    return f"{text}.{rest % 10}" if rest % 10 else text


def edges(segments: Sequence[dict[str, Any]], duration: float) -> list[float]:
    """Return the borders of the columns: half-way between the middles of neighbouring windows."""
    middles = [(segment["start"] + segment["end"]) / 2 for segment in segments]
    between = [(left + right) / 2 for left, right in pairwise(middles)]
    return [0.0, *between, duration]


def _column(
    segment: dict[str, Any],
    left: float,
    right: float,
    duration: float,
    threshold: float,
    real_threshold: float,
) -> Column:
    height = max(SMALLEST, segment["probability"] * HEIGHT)
    return Column(
        x=_share(left, duration),
        width=_share(right - left, duration),
        y=_pixels(HEIGHT - height),
        height=_pixels(height),
        zone=zone_of(segment["probability"], threshold=threshold, real_threshold=real_threshold),
        start=clock(segment["start"]),
        end=clock(segment["end"]),
        percent=percent(segment["probability"]),
    )


def _gap(run: list[tuple[dict[str, Any], float, float]], duration: float) -> Gap:
    """Join neighbouring segments that were left out for the same reason."""
    (first, left, _), (last, _, right) = run[0], run[-1]
    return Gap(
        x=_share(left, duration),
        width=_share(right - left, duration),
        middle=_share((left + right) / 2, duration),
        kind=SegmentKind(first["kind"]),
        start=clock(first["start"]),
        end=clock(last["end"]),
        is_wide=(right - left) / duration > 0.2,
    )


def _ticks(duration: float) -> list[Tick]:
    step = next((step for step in STEPS if duration / step <= MOST_TICKS), STEPS[-1])
    return [_tick(n * step, duration) for n in range(int(duration / step) + 1)]


def _tick(seconds: float, duration: float) -> Tick:
    is_near_the_end = seconds / duration > 0.97
    anchor = "end" if is_near_the_end else "middle" if seconds else "start"
    return Tick(_share(seconds, duration), clock(seconds), anchor)


def _share(seconds: float, duration: float) -> str:
    return f"{100 * seconds / duration:.3f}%"


def _pixels(value: float) -> str:
    return f"{value:.1f}"
