"""From which probability on a version says FAKE, for its own error rate or a wanted one.

Imported by the web process too, so nothing heavy is imported.
"""

import math
from collections.abc import Mapping
from typing import Any

from detector.engine.errors import ClipError


def thresholds_for(
    manifest: Mapping[str, Any], target_fpr: float | None = None
) -> tuple[float, float]:
    """Return the probabilities from which on a clip is FAKE and up to which it is REAL.

    Parameters
    ----------
    manifest : mapping
        A version's. Its ``operating_points`` are pairs of a false-positive rate and the threshold
        that keeps it on the calibration data.
    target_fpr : float, optional
        Wanted share of real clips called FAKE, 0 to 1. The nearest rate below it for which there
        is a threshold is taken.

    Raises
    ------
    ClipError
        ``fpr_not_available``: the version's calibration data say nothing about so low a rate.
    """
    threshold, real_threshold = float(manifest["threshold"]), float(manifest["real_threshold"])
    if target_fpr is None:
        return threshold, real_threshold
    points = manifest.get("operating_points", [])
    kept = [point for rate, point in points if rate <= target_fpr]
    if not kept:
        raise ClipError(
            "fpr_not_available",
            wanted=target_fpr,
            lowest=min((rate for rate, _ in points), default="none"),
        )
    threshold = min(kept)
    return threshold, min(real_threshold, math.nextafter(threshold, 0))
