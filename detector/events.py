"""What other systems are told of clips. Called in the transaction in which it happens."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import Notice
from accounts.notices import notify
from detector.messages import PROBLEMS, problem_text
from detector.models import Batch, Prediction, Status
from webhooks.models import EventType
from webhooks.services import emit

ENDINGS = {
    Status.DONE: EventType.PREDICTION_DONE,
    Status.FAILED: EventType.PREDICTION_FAILED,
    Status.CANCELLED: EventType.PREDICTION_CANCELLED,
}


def prediction_ended(prediction: Prediction, status: Status) -> None:
    """Tell of a prediction that has just ended, and of its batch if it was the last in it."""
    emit(ENDINGS[status], lambda: _prediction(prediction.pk), owner_id=prediction.owner_id)
    if prediction.batch_id:
        batch_may_be_done(prediction.batch_id)


def batch_may_be_done(batch_id: UUID) -> None:
    """Tell of a batch if all of it was taken in and nothing in it waits any more.

    The lock makes those who end its last two predictions at the same time do so one by one:
    without it each would see the other's still running.
    """
    batch = Batch.objects.select_for_update(of=["self"]).select_related("owner").get(pk=batch_id)
    is_open = batch.predictions.filter(status__in=[Status.QUEUED, Status.RUNNING]).exists()
    if batch.files and batch.is_complete and not is_open:
        emit(EventType.BATCH_DONE, lambda: _batch(batch), owner_id=batch.owner_id)
        notify(
            [batch.owner],
            Notice.BATCH_DONE,
            subject=_("Your batch is judged"),
            text=_("All {count} clips of the batch of {time:%Y-%m-%d %H:%M} UTC are done.").format(
                count=len(batch.files), time=batch.created_at
            ),
        )


def _prediction(prediction_id: UUID) -> dict[str, Any]:
    """Return the main fields of a prediction, under the names that the API gives them."""
    row = Prediction.objects.select_related("clip", "model_version").get(pk=prediction_id)
    problem = PROBLEMS.get(row.error_code)
    return {
        "id": str(row.pk),
        "batch": str(row.batch_id) if row.batch_id else None,
        "filename": row.clip.name,
        "sha256": row.clip.sha256,
        "status": row.status,
        "verdict": row.verdict or None,
        "probability": row.probability,
        "score": row.score,
        "threshold": row.threshold,
        "real_threshold": row.real_threshold,
        "model_version": row.model_version.name if row.model_version else None,
        "error": {
            "code": row.error_code,
            "title": problem.title,
            "detail": problem_text(row.error_code, row.error_params),
        }
        if problem
        else None,
        "created_at": row.created_at.isoformat(),
        "finished_at": row.finished_at.isoformat() if row.finished_at else None,
    }


def _batch(batch: Batch) -> dict[str, Any]:
    rows = batch.predictions.values_list("status", flat=True)
    return {
        "id": str(batch.pk),
        "total": len(batch.files),
        "done": sum(status == Status.DONE for status in rows)
        + sum("known" in entry for entry in batch.files),
        "failed": sum(status == Status.FAILED for status in rows),
        "cancelled": sum(status == Status.CANCELLED for status in rows),
        "refused": sum("error" in entry for entry in batch.files),
        "created_at": batch.created_at.isoformat(),
    }
