"""Writes: who works on a sample's audio. The row is the truth, as with predictions."""

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db.models import F, Q
from django.db.models.functions import Now
from redis.exceptions import RedisError

from training.models import Extraction, Sample

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
"""Longer than a prediction's: the worker runs at low priority, and nobody waits at the page."""


def send(sample_id: UUID) -> None:
    """Put a task for the sample on the queue. Without a broker the sweep does it later."""
    from training.tasks import extract

    try:
        extract.delay(str(sample_id))
    except (RedisError, OSError, extract.OperationalError):
        log.warning("broker out of reach; sample %s waits for the sweep", sample_id)


def claim(sample_id: UUID) -> Sample | None:
    """Take a lease on a sample that waits, or whose worker is gone; None if it is taken."""
    lease = uuid4()
    taken = (
        Sample.objects.filter(pk=sample_id, deleted_at=None, attempts__lt=settings.MAX_ATTEMPTS)
        .filter(
            Q(extraction=Extraction.QUEUED)
            | Q(extraction=Extraction.RUNNING, lease_expires_at__lt=Now())
        )
        .update(
            extraction=Extraction.RUNNING,
            lease=lease,
            lease_expires_at=Now() + LEASE,
            attempts=F("attempts") + 1,
        )
    )
    return Sample.objects.get(pk=sample_id, lease=lease) if taken else None


def finish(sample: Sample, **found: Any) -> bool:
    """Write what was found, once: False if the lease was lost and somebody else owns it now."""
    return _end(sample, extraction=Extraction.DONE, error_code="", error_params={}, **found)


def fail(sample: Sample, *, code: str, params: dict[str, Any] | None = None) -> bool:
    """End the work with a problem's code; False if the lease was lost."""
    return _end(sample, extraction=Extraction.FAILED, error_code=code, error_params=params or {})


def give_back(sample: Sample) -> None:
    """Queue a claimed sample again at once, instead of when its lease ends."""
    if _end(sample, extraction=Extraction.QUEUED, sent_at=Now()):
        send(sample.pk)


def _end(sample: Sample, **fields: Any) -> bool:
    held = Sample.objects.filter(
        pk=sample.pk, extraction=Extraction.RUNNING, lease=sample.lease, deleted_at=None
    )
    return bool(held.update(lease=None, lease_expires_at=None, **fields))


def try_again(sample: Sample) -> None:
    """Queue a sample whose work failed once more, with as many attempts as a new one."""
    queued = Sample.objects.filter(pk=sample.pk, extraction=Extraction.FAILED).update(
        extraction=Extraction.QUEUED,
        attempts=0,
        sent_at=Now(),
        error_code="",
        error_params={},
    )
    if queued:
        send(sample.pk)
