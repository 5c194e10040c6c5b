"""What the beat asks for every few seconds so that no sample is lost."""

from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from detector.upkeep import BITE, RESEND_AFTER, queue_length
from training.models import Extraction, Sample
from training.services import extraction
from training.services.review import erase_audio

RESEND_BEHIND_A_QUEUE = timedelta(hours=1)


def sweep_samples() -> None:
    """Take up expired leases, lost messages, and audio that should be gone."""
    _take_up_expired_leases()
    _send_lost_messages()
    for sample in Sample.objects.filter(deleted_at__isnull=False).exclude(audio="")[:BITE]:
        erase_audio(sample)


@transaction.atomic
def _take_up_expired_leases() -> None:
    """Queue samples whose worker is gone; those out of attempts fail."""
    expired = Sample.objects.select_for_update(skip_locked=True).filter(
        extraction=Extraction.RUNNING, lease_expires_at__lt=Now()
    )[:BITE]
    for sample in expired:
        if sample.attempts >= settings.MAX_ATTEMPTS:
            extraction.fail(sample, code="worker_lost")
        else:
            transaction.on_commit(partial(extraction.give_back, sample), robust=True)


def _send_lost_messages() -> None:
    """Send again what waits though the broker's queue is empty (or waits absurdly long)."""
    patience = RESEND_BEHIND_A_QUEUE if queue_length("extract") else RESEND_AFTER
    waiting = Sample.objects.filter(
        extraction=Extraction.QUEUED, deleted_at=None, sent_at__lt=Now() - patience
    )
    ids = list(waiting.order_by("sent_at").values_list("pk", flat=True)[:BITE])
    Sample.objects.filter(pk__in=ids).update(sent_at=Now())
    for sample_id in ids:
        extraction.send(sample_id)
