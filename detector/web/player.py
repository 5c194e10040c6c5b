"""What the player's script draws a clip from: the same that the page's own drawing shows."""

from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from detector.engine.types import SegmentKind
from detector.models import ClipPicture, Prediction
from detector.web.timeline import clock, edges, percent, zone_of


def player_data(prediction: Prediction, picture: ClipPicture) -> dict[str, Any] | None:
    """Return waveform and segments, ready for JSON; None without scores to show.

    ``left`` and ``right`` are where a segment stands, so that windows that overlap do not;
    ``start`` and ``end`` are what one hears. All are seconds.
    """
    duration = prediction.clip.facts.get("duration", 0.0)
    threshold, real_threshold = prediction.threshold, prediction.real_threshold
    if not prediction.segments or not duration or threshold is None or real_threshold is None:
        return None
    places = pairwise(edges(prediction.segments, duration))
    segments = []
    for segment, (left, right) in zip(prediction.segments, places, strict=True):
        shown: dict[str, Any] = {
            "left": round(left, 3),
            "right": round(right, 3),
            "start": segment["start"],
            "end": segment["end"],
            "kind": segment["kind"],
            "text": _("%(start)s to %(end)s")
            % {"start": clock(segment["start"]), "end": clock(segment["end"])},
        }
        if segment["kind"] == SegmentKind.SPEECH:
            share = segment["probability"]
            zone = zone_of(share, threshold=threshold, real_threshold=real_threshold)
            shown |= {"share": round(share, 4), "zone": zone.lower(), "percent": percent(share)}
        segments.append(shown)
    return {"duration": duration, "peaks": list(picture.peaks), "segments": segments}
