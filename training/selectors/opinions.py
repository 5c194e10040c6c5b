"""Reads: history that another version looks at again."""

from django.db.models import Exists, OuterRef, QuerySet

from detector.models import Prediction, PredictionOrigin, Status
from training.models import Rejudging, SecondOpinion


def selected_history(rejudging: Rejudging) -> QuerySet[Prediction]:
    """Return the predictions that it is about: judged, of clips whose audio is there."""
    found = (
        Prediction.objects.filter(
            status=Status.DONE,
            origin=PredictionOrigin.UPLOAD,
            clip__deleted_at=None,
            created_at__lt=rejudging.until,
        )
        .exclude(clip__audio="")
        .exclude(model_version_id=rejudging.version_id)
    )
    if rejudging.since:
        found = found.filter(created_at__gte=rejudging.since)
    if rejudging.verdict:
        found = found.filter(verdict=rejudging.verdict)
    return found


def open_predictions(rejudging: Rejudging) -> QuerySet[Prediction]:
    """Return those of which the version has said nothing yet."""
    said = SecondOpinion.objects.filter(prediction=OuterRef("pk"), version=rejudging.version_id)
    return selected_history(rejudging).filter(~Exists(said)).order_by("created_at")


def opinions_of(rejudging: Rejudging) -> QuerySet[SecondOpinion]:
    """Return what the version said of them."""
    return SecondOpinion.objects.filter(
        version=rejudging.version_id, prediction__in=selected_history(rejudging)
    )
