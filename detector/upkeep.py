"""What the beat does every few seconds so that nothing is lost."""

import logging
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from config.celery import app
from detector import direct, services
from detector.models import Clip, Prediction, Status
from detector.selectors import audio_to_erase

RESEND_AFTER = timedelta(seconds=15)
RESEND_BEHIND_A_QUEUE = timedelta(minutes=10)
ORPHAN_DAYS = 3
ORPHAN_AGE = timedelta(hours=2)
"""Longer than any upload takes from its first byte in storage to its row."""
BITE = 500
"""Rows that one sweep takes up at most."""


log = logging.getLogger(__name__)


def sweep() -> None:
    """Take up expired leases, lost messages, and audio that should be gone."""
    _take_up_expired_leases()
    _send_lost_messages()
    for clip in audio_to_erase()[:BITE]:
        services.erase_audio(clip)
    direct.erase_expired(BITE)


def expire() -> None:
    """Delete what has been kept for as long as it may."""
    services.expire_clips(BITE)


@transaction.atomic
def _take_up_expired_leases() -> None:
    """Queue predictions whose worker is gone; those out of attempts fail."""
    expired = Prediction.objects.select_for_update(skip_locked=True).filter(
        status=Status.RUNNING, lease_expires_at__lt=Now()
    )[:BITE]
    for prediction in expired:
        if prediction.attempts >= settings.MAX_ATTEMPTS:
            services.fail(prediction, code="worker_lost")
        else:
            transaction.on_commit(partial(services.give_back, prediction), robust=True)


def _send_lost_messages() -> None:
    """Send again what waits though the broker's queue is empty (or waits absurdly long)."""
    patience = RESEND_BEHIND_A_QUEUE if queue_length("predict") else RESEND_AFTER
    waiting = Prediction.objects.filter(status=Status.QUEUED, sent_at__lt=Now() - patience)
    ids = list(waiting.order_by("sent_at").values_list("pk", flat=True)[:BITE])
    Prediction.objects.filter(pk__in=ids).update(sent_at=Now())
    for prediction_id in ids:
        services.send(prediction_id)


def erase_orphans() -> None:
    """Erase files that belong to no clip: who stored them was killed before the row was written.

    Looks through the folders of the last days, and leaves alone what may still get its row.
    """
    storage = Clip.audio.field.storage
    today = timezone.localdate()
    for day in (today - timedelta(days=back) for back in range(ORPHAN_DAYS)):
        folder = f"clips/{day:%Y/%m/%d}"
        try:
            names = [f"{folder}/{name}" for name in storage.listdir(folder)[1]]
        except FileNotFoundError:
            continue
        for some in (names[at : at + BITE] for at in range(0, len(names), BITE)):
            known = set(Clip.objects.filter(audio__in=some).values_list("audio", flat=True))
            for name in set(some) - known:
                if timezone.now() - storage.get_modified_time(name) > ORPHAN_AGE:
                    log.warning("%s belongs to no clip and is erased", name)
                    storage.delete(name)


def queue_length(name: str) -> int:
    """Return how many messages wait in a queue of the broker."""
    with app.connection_for_read() as connection, connection.channel() as channel:
        return int(channel.queue_declare(queue=name, durable=True).message_count)
