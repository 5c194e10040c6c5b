"""What the beat does every few seconds so that nothing is lost."""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from config.celery import app
from detector import direct, services
from detector.models import Prediction, Status
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
    take_up_expired_leases(
        Prediction.objects.filter(status=Status.RUNNING),
        give_back=services.give_back,
        fail=services.fail,
    )
    send_lost_messages(
        Prediction.objects.filter(status=Status.QUEUED),
        send=services.send,
        queue="predict",
        behind_others=RESEND_BEHIND_A_QUEUE,
    )
    for clip in audio_to_erase()[:BITE]:
        services.erase_audio(clip)
    direct.erase_expired(BITE)


def expire() -> None:
    """Delete what has been kept for as long as it may."""
    services.expire_clips(BITE)


@transaction.atomic
def take_up_expired_leases(
    running: QuerySet[Any], *, give_back: Callable[..., object], fail: Callable[..., object]
) -> None:
    """Queue rows whose worker is gone; those out of attempts fail."""
    expired = running.select_for_update(skip_locked=True).filter(lease_expires_at__lt=Now())
    for row in expired[:BITE]:
        if row.attempts >= settings.MAX_ATTEMPTS:
            fail(row, code="worker_lost")
        else:
            transaction.on_commit(partial(give_back, row), robust=True)


def send_lost_messages(
    queued: QuerySet[Any],
    *,
    send: Callable[[UUID], object],
    queue: str,
    behind_others: timedelta,
) -> None:
    """Send again what waits though the broker's queue is empty, or absurdly long behind others."""
    patience = behind_others if queue_length(queue) else RESEND_AFTER
    waiting = queued.filter(sent_at__lt=Now() - patience).order_by("sent_at")
    ids = list(waiting.values_list("pk", flat=True)[:BITE])
    queued.model._default_manager.filter(pk__in=ids).update(sent_at=Now())
    for row_id in ids:
        send(row_id)


def erase_orphans(field: models.FileField) -> None:
    """Erase files that belong to no row: who stored them was killed before the row was written.

    Looks through the folders of the last days, and leaves alone what may still get its row.
    """
    storage, rows = field.storage, field.model._default_manager
    for back in range(ORPHAN_DAYS):
        day = timezone.localdate() - timedelta(days=back)
        folder = day.strftime(str(field.upload_to)).rstrip("/")
        try:
            names = [f"{folder}/{name}" for name in storage.listdir(folder)[1]]
        except FileNotFoundError:
            continue
        for some in (names[at : at + BITE] for at in range(0, len(names), BITE)):
            theirs = rows.filter(**{f"{field.name}__in": some})
            for name in set(some) - set(theirs.values_list(field.name, flat=True)):
                if timezone.now() - storage.get_modified_time(name) > ORPHAN_AGE:
                    log.warning("%s belongs to nothing and is erased", name)
                    storage.delete(name)


def queue_length(name: str) -> int:
    """Return how many messages wait in a queue of the broker."""
    with app.connection_for_read() as connection, connection.channel() as channel:
        return int(channel.queue_declare(queue=name, durable=True).message_count)
