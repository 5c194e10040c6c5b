"""What the page of a result shows, whoever looks at it."""

from typing import Any
from uuid import UUID

from django.http import Http404

from accounts.models import User
from detector.models import ClipPicture, Prediction
from detector.selectors import picture_of, prediction_of
from detector.web import facts, timeline
from detector.web.evidence import evidence
from detector.web.playback import plays_in_browsers
from detector.web.player import player_data


def seen_by(person: User, prediction_id: UUID) -> Prediction:
    """Return a prediction that the person may see, or answer 404."""
    found = prediction_of(person, prediction_id)
    if found is None:
        raise Http404
    return found


def result(prediction: Prediction) -> dict[str, Any]:
    """Return all that the page needs but the addresses of the sound."""
    clip = prediction.clip
    picture = picture_of(clip) if prediction.is_finished else None
    plays = bool(clip.audio) and plays_in_browsers(clip)
    return {
        "prediction": prediction,
        "clip": clip,
        "clip_facts": facts.clip_facts(clip),
        "quality_facts": facts.quality_facts(prediction.quality),
        "evidence": evidence(prediction.explanation),
        "run_facts": facts.run_facts(prediction),
        "timeline": _timeline(prediction),
        "plays": plays,
        **_drawn(prediction, picture, plays),
    }


def _drawn(prediction: Prediction, picture: ClipPicture | None, plays: bool) -> dict[str, Any]:
    if picture is None:
        return {}
    peaks = bytes(picture.peaks)
    return {
        "has_spectrogram": True,
        "waveform": timeline.waveform(peaks),
        "columns": len(peaks),
        "player": player_data(prediction, picture) if plays else None,
    }


def _timeline(prediction: Prediction) -> timeline.Timeline | None:
    if prediction.threshold is None or prediction.real_threshold is None:
        return None
    return timeline.draw(
        prediction.segments,
        threshold=prediction.threshold,
        real_threshold=prediction.real_threshold,
        duration=prediction.clip.facts.get("duration", 0.0),
    )
