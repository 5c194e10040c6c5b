"""Writes: who works on a sample's audio."""

import logging
from datetime import timedelta
from uuid import UUID

from django.db.models.functions import Now
from redis.exceptions import RedisError

from training.models import Extraction, Sample
from training.services.leases import Leases

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


_LEASES = Leases(
    rows=lambda: Sample.objects.filter(deleted_at=None),
    state="extraction",
    length=LEASE,
    send=send,
)
claim, finish, fail = _LEASES.claim, _LEASES.finish, _LEASES.fail
give_back, postpone = _LEASES.give_back, _LEASES.postpone


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
