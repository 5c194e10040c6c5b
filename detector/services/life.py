"""Writes: the life of a prediction. No engine here: the web process imports this."""

import logging
import uuid
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from redis.exceptions import RedisError

from detector import events, telemetry, wakeup
from detector.engine.types import Picture
from detector.models import (
    Batch,
    Clip,
    ClipPicture,
    Prediction,
    PredictionOrigin,
    Status,
)
from detector.services.erasure import erase_audio
from training.models import ModelVersion

log = logging.getLogger(__name__)


@transaction.atomic(savepoint=False)
def queue_prediction(
    *,
    clip: Clip,
    origin: str = PredictionOrigin.UPLOAD,
    batch: Batch | None = None,
    requested_version: ModelVersion | None = None,
    target_fpr: float | None = None,
) -> Prediction:
    """Queue one more prediction of a stored clip, for its owner."""
    prediction = Prediction.objects.create(
        clip=clip,
        owner_id=clip.owner_id,
        origin=origin,
        batch=batch,
        requested_version=requested_version,
        target_fpr=target_fpr,
    )
    transaction.on_commit(lambda: send(prediction.pk))
    return prediction


def send(prediction_id: uuid.UUID) -> None:
    """Put a task for the prediction on the queue. Without a broker the sweeper does it later."""
    from detector.tasks import judge

    try:
        judge.delay(str(prediction_id))
    except (RedisError, OSError, judge.OperationalError):
        log.warning("broker out of reach; prediction %s waits for the sweeper", prediction_id)


def claim(prediction_id: uuid.UUID) -> Prediction | None:
    """Take a lease on a prediction that waits, or whose worker is gone; None if it is taken."""
    values = {
        "id": prediction_id,
        "lease": uuid.uuid4(),
        "lasts": timedelta(seconds=settings.LEASE_SECONDS),
        "most": settings.MAX_ATTEMPTS,
    }
    return next(iter(Prediction.objects.raw(_CLAIM, values)), None)


# Taken and read in one statement, for which Django's queries have no words: an update and a read
# by them cost a worker a tenth of what a short clip costs it. By the database's clock: those of
# hosts differ, and jump.
_CLAIM = """
UPDATE detector_prediction
SET status = 'running',
    lease = %(lease)s,
    lease_expires_at = statement_timestamp() + %(lasts)s,
    attempts = attempts + 1,
    started_at = coalesce(started_at, statement_timestamp())
WHERE id = %(id)s
  AND attempts < %(most)s
  AND (status = 'queued' OR status = 'running' AND lease_expires_at < statement_timestamp())
RETURNING *
"""


def finish(
    prediction: Prediction, *, facts: dict[str, Any], picture: Picture, **result: Any
) -> bool:
    """Write the verdict, once: False if the lease was lost and somebody else owns it now."""
    with transaction.atomic():
        held = Q(status=Status.RUNNING, lease=prediction.lease)
        written = _end(prediction, held, status=Status.DONE, **result)
        if written:
            # A clip that was deleted meanwhile, or shall leave nothing, keeps no looks either.
            kept = Clip.objects.filter(pk=prediction.clip_id, deleted_at=None).update(facts=facts)
            if kept and prediction.clip.keep_audio:
                drawn = asdict(picture)
                # One statement, where `update_or_create` takes six.
                ClipPicture.objects.bulk_create(
                    [ClipPicture(clip_id=prediction.clip_id, **drawn)],
                    update_conflicts=True,
                    unique_fields=["clip"],
                    update_fields=drawn,
                )
    return written


def fail(prediction: Prediction, *, code: str, params: dict[str, Any] | None = None) -> bool:
    """End the prediction with a problem's code; False if the lease was lost."""
    held = Q(status=Status.RUNNING, lease=prediction.lease)
    return _end(prediction, held, status=Status.FAILED, error_code=code, error_params=params or {})


def cancel(prediction: Prediction) -> bool:
    """End a prediction that waits or runs without a verdict; False if it has ended already.

    A worker that is at it finds its lease gone and writes nothing.
    """
    is_open = Q(status__in=[Status.QUEUED, Status.RUNNING])
    return _end(prediction, is_open, status=Status.CANCELLED, error_code="cancelled")


@transaction.atomic(savepoint=False)
def _end(prediction: Prediction, allowed: Q, *, status: Status, **fields: Any) -> bool:
    written = Prediction.objects.filter(allowed, pk=prediction.pk).update(
        status=status,
        lease=None,
        lease_expires_at=None,
        finished_at=timezone.now(),
        **fields,
    )
    if written:
        events.prediction_ended(prediction, status)
        if not prediction.clip.keep_audio:
            # After the commit: were the verdict not kept, the audio would be needed once more.
            transaction.on_commit(lambda: erase_audio(prediction.clip), robust=True)
        transaction.on_commit(lambda: _announce(prediction.pk), robust=True)
        told = partial(telemetry.prediction_ended, prediction, status, fields)
        transaction.on_commit(told, robust=True)
    return bool(written)


def _announce(prediction_id: uuid.UUID) -> None:
    try:
        wakeup.announce(prediction_id)
    except RedisError:
        log.warning("Redis out of reach; whoever waits for %s looks at the row", prediction_id)


def give_back(prediction: Prediction) -> None:
    """Queue a claimed prediction again at once, instead of when its lease ends."""
    returned = Prediction.objects.filter(
        pk=prediction.pk, status=Status.RUNNING, lease=prediction.lease
    ).update(status=Status.QUEUED, lease=None, lease_expires_at=None, sent_at=Now())
    if returned:
        send(prediction.pk)


def postpone(prediction: Prediction) -> None:
    """Queue a claimed prediction again for later, as if it had not been claimed.

    For what is no fault of the clip: the sweep sends it again when its patience ends.
    """
    Prediction.objects.filter(
        pk=prediction.pk, status=Status.RUNNING, lease=prediction.lease
    ).update(
        status=Status.QUEUED,
        lease=None,
        lease_expires_at=None,
        sent_at=Now(),
        attempts=F("attempts") - 1,
    )
