"""What moved a clip's score, which way, and by how much: families of columns, bands, segments.

A weight is what the score loses when the thing named is taken away: columns are set to their mean
over the material that the version was calibrated on, a segment is left out. So every weight can be
checked by doing that. Parts overlap (a band's columns belong to families, too) and, unless the
model is linear, parts together may weigh other than the sum of each alone.
"""

from detector.engine.model import Features, Model, Scores
from detector.engine.schemas import Windows
from detector.engine.types import SAMPLE_RATE, BandWeight, Explanation, Reason, SegmentWeight

FAMILIES_NAMED = 3
LEAST_SHARE = 0.1
LEAST_SEGMENTS = 3
"""Of so few segments each is most of the clip: to name one would say nothing."""


def explain(model: Model, features: Features, raw: Scores, windows: Windows) -> Explanation:
    """Explain the score of a clip.

    Parameters
    ----------
    model : Model
    features : ndarray of shape (n_windows, n_columns)
    raw : ndarray of shape (n_windows,)
        Raw scores of the windows.
    windows : sequence of (start, stop)
        In samples and in order of time, at least one.
    """
    seconds = covered_seconds(windows)
    bands = model.weights_of(model.schema.bands, features, seconds)
    return Explanation(
        usual=model.usual_score(seconds),
        families=model.weights_of(model.schema.families, features, seconds),
        bands=tuple(BandWeight(*band, weight) for band, weight in bands.items()),
        segments=_segments(model, raw, windows),
    )


def _segments(model: Model, raw: Scores, windows: Windows) -> tuple[SegmentWeight, ...]:
    n, seconds, total = len(windows), covered_seconds(windows), float(raw.sum())
    score = float(model.llr(total / n, seconds))
    found = []
    for i, (start, stop) in enumerate(windows):
        without = 0.0
        if n > 1:
            left = windows[i - 1][1] if i else 0
            right = windows[i + 1][0] if i + 1 < n else stop
            alone = max(0, min(stop, right) - max(start, left)) / SAMPLE_RATE
            without = float(model.llr((total - float(raw[i])) / (n - 1), seconds - alone))
        found.append(SegmentWeight(start / SAMPLE_RATE, stop / SAMPLE_RATE, score - without))
    return tuple(found)


def covered_seconds(windows: Windows) -> float:
    """Seconds that lie in at least one of the windows, given in samples and in order of time."""
    covered, reached = 0, 0
    for start, stop in windows:
        covered += stop - max(start, reached)
        reached = stop
    return covered / SAMPLE_RATE


def reasons(found: Explanation) -> list[Reason]:
    """Name what moved the score most, the strongest first: families, a band, a segment."""
    total = sum(abs(weight) for weight in found.families.values())
    families = sorted(found.families.items(), key=lambda item: -abs(item[1]))[:FAMILIES_NAMED]
    named = [Reason(f"{family}_{_side(weight)}", weight) for family, weight in families]
    if found.bands:
        band = max(found.bands, key=lambda band: abs(band.weight))
        params = {"low": band.low_hz, "high": band.high_hz}
        named.append(Reason(f"band_{_side(band.weight)}", band.weight, params))
    if len(found.segments) >= LEAST_SEGMENTS:
        part = max(found.segments, key=lambda part: abs(part.weight))
        span = {"start": round(part.start, 1), "end": round(part.end, 1)}
        named.append(Reason(f"segment_{_side(part.weight)}", part.weight, span))
    # Those that hardly count are left out, as are all where nothing is unusual.
    named = [reason for reason in named if abs(reason.weight or 0.0) >= LEAST_SHARE * total > 0]
    return sorted(named, key=lambda reason: -abs(reason.weight or 0.0))


def _side(weight: float) -> str:
    return "fake" if weight > 0 else "real"
