"""The worker's side: what is due goes out, and is tried again where it does not arrive."""

import json
import random
import time
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from webhooks import services
from webhooks.addresses import RefusedError
from webhooks.models import TEST_EVENT, Delivery, DeliveryStatus, DisabledBecause, Endpoint
from webhooks.selectors import next_due
from webhooks.signing import signed_headers
from webhooks.transport import Answer, TransportError, post

RETRY_SECONDS = (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
"""Waits between the attempts, as Standard Webhooks proposes: three days in all."""
JITTER = 0.2
"""Each wait is longer by up to this share: not everybody who failed together comes again so."""
GIVE_UP = timedelta(days=3)
"""An endpoint that has failed for so long, whatever was sent, is disabled."""
REST = (timedelta(seconds=5), timedelta(minutes=5))
"""How long an endpoint that just failed is left alone: a quarter of the time for which it has
been failing, but at least and at most this."""
TURN_SECONDS = 20
"""After so long the next endpoint has its turn."""
KEEP = timedelta(days=30)
"""How long the log keeps what has ended."""
GONE = 410
BITE = 500


def deliver_due(endpoint_id: UUID) -> None:
    """Send an endpoint what is due, one after the other, until one fails or its turn is over."""
    endpoint = services.take(endpoint_id)
    if endpoint is None:
        return
    ends = time.monotonic() + TURN_SECONDS
    more = False
    try:
        while delivery := next_due(endpoint, timezone.now()):
            more = time.monotonic() > ends
            if more or not _attempt(endpoint, delivery):
                break
    finally:
        services.give_back(endpoint)
    # What came in while the turn was ending found the endpoint taken.
    if more or (not endpoint.retry_at and next_due(endpoint, timezone.now())):
        services.send(endpoint.pk)


def sweep() -> None:
    """Send what is due to be tried again or was lost, and forget what is old."""
    now = timezone.now()
    due = (
        Endpoint.objects.filter(disabled_at=None)
        .filter(deliveries__status=DeliveryStatus.WAITING, deliveries__next_at__lte=now)
        .filter(Q(busy_until=None) | Q(busy_until__lt=now))
        .filter(Q(retry_at=None) | Q(retry_at__lte=now))
    )
    for key in due.order_by().values_list("pk", flat=True).distinct()[:BITE]:
        services.send(key)
    old = Delivery.objects.filter(finished_at__lt=now - KEEP).values("pk")[:BITE]
    Delivery.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()


def _attempt(endpoint: Endpoint, delivery: Delivery) -> bool:
    """Try to deliver once; tell whether that worked."""
    now = timezone.now()
    body = json.dumps(
        {
            "type": delivery.event,
            "timestamp": delivery.created_at.isoformat(),
            "data": delivery.data,
        },
        separators=(",", ":"),
    ).encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"Voicetell/{settings.VERSION} (webhooks)",
        **signed_headers(endpoint, delivery.message_id, body, now),
    }
    started = time.monotonic()
    answer: Answer | None = None
    try:
        answer = post(endpoint.url, body, headers)
        error = _error(answer)
    except (RefusedError, TransportError) as failure:
        error = str(failure)
    is_test = delivery.event == TEST_EVENT
    services.note_attempt(
        endpoint=endpoint,
        delivery=delivery,
        status_code=answer.status if answer else None,
        error=error,
        excerpt=answer.excerpt if answer else "",
        seconds=time.monotonic() - started,
        next_at=_next_at(delivery, answer) if error and not is_test else None,
        rest_until=_rest_until(endpoint) if error and not is_test else None,
    )
    if answer and answer.status == GONE:
        services.disable(endpoint=endpoint, because=DisabledBecause.GONE)
    elif endpoint.failing_since and endpoint.failing_since < timezone.now() - GIVE_UP:
        services.disable(endpoint=endpoint, because=DisabledBecause.FAILING)
    return not error


def _error(answer: Answer) -> str:
    """Return why an answer is no success, or nothing."""
    if 200 <= answer.status < 300:
        return ""
    if 300 <= answer.status < 400:
        return "It answers with a redirect, which is not followed: enter the final address."
    return f"It answered {answer.status}."


def _next_at(delivery: Delivery, answer: Answer | None) -> datetime | None:
    """Return when to try again; None when it has been tried often enough."""
    if delivery.attempts >= len(RETRY_SECONDS):
        return None
    wait = RETRY_SECONDS[delivery.attempts] * (1 + JITTER * random.random())  # noqa: S311 - spread
    if answer and answer.retry_after.isdecimal():
        wait = max(wait, min(int(answer.retry_after), RETRY_SECONDS[-1]))
    return timezone.now() + timedelta(seconds=wait)


def _rest_until(endpoint: Endpoint) -> datetime:
    now = timezone.now()
    failing = now - (endpoint.failing_since or now)
    return now + min(max(failing / 4, REST[0]), REST[1])
