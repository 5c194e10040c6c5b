"""Reads: clips, predictions and their history. Everybody sees only their own."""

from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from detector.models import Prediction, Status


def predictions_of(user: User) -> QuerySet[Prediction]:
    """Return the person's predictions on clips that are not deleted, newest first."""
    return (
        Prediction.objects.filter(owner=user, clip__deleted_at=None)
        .select_related("clip", "model_version")
        .order_by("-created_at", "-id")
    )


def prediction_of(user: User, prediction_id: UUID) -> Prediction | None:
    """Return one prediction of the person, or None if there is none that is theirs."""
    return predictions_of(user).filter(pk=prediction_id).first()


def queued_count(user: User) -> int:
    """Return how many of the person's predictions wait."""
    return Prediction.objects.filter(owner=user, status=Status.QUEUED).count()
