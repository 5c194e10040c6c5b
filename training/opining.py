"""The worker's side of second opinions. Imports the engine, so only workers import it."""

from uuid import UUID

from django.conf import settings

from detector.judging import judge_of
from detector.models import Prediction
from detector.setbacks import setback
from detector.uploads import stored
from training.models import ModelVersion, SecondOpinion
from training.services.opinions import note_opinion


def give_opinion(prediction_id: UUID, version_id: UUID) -> None:
    """Let a version judge a prediction's clip once more; whatever happens, it is noted."""
    prediction = Prediction.objects.select_related("clip").filter(pk=prediction_id).first()
    version = ModelVersion.objects.defer("manifest").filter(pk=version_id).first()
    if prediction is None or version is None:
        return
    if SecondOpinion.objects.filter(prediction=prediction, version=version).exists():
        return
    clip = prediction.clip
    if clip.deleted_at or not clip.audio:
        note_opinion(prediction=prediction, version=version, error_code="clip_deleted")
        return
    try:
        with stored(clip.audio) as source:
            judgement = judge_of(version).judge(
                source, sha256=clip.sha256, max_seconds=settings.MAX_CLIP_SECONDS
            )
    except Exception as error:
        found = setback(error, about=f"{version.name} on prediction {prediction.pk}", attempts=1)
        note_opinion(prediction=prediction, version=version, error_code=found.code)
    else:
        note_opinion(
            prediction=prediction,
            version=version,
            verdict=judgement.verdict,
            probability=judgement.probability,
            score=judgement.score,
        )
