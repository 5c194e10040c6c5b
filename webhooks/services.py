"""Writes: endpoints, the outbox, and what became of it."""

import logging
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from redis.exceptions import RedisError

from accounts.models import User
from accounts.services import record
from webhooks import signing
from webhooks.models import (
    TEST_EVENT,
    Delivery,
    DeliveryStatus,
    DisabledBecause,
    Endpoint,
    EventType,
    new_salt,
)

log = logging.getLogger(__name__)

OVERLAP = timedelta(hours=24)
"""How long both secrets sign after one was replaced."""
LEASE = timedelta(seconds=60)
"""How long a worker owns an endpoint; longer than its turn with the last attempt in it."""


class TooManyEndpointsError(Exception):
    """A person has as many endpoints as one may have."""


ENDPOINTS_PER_PERSON = 20


# --- endpoints --------------------------------------------------------------------------------


@transaction.atomic
def create_endpoint(
    *, owner: User, url: str, events: Sequence[str], description: str = ""
) -> tuple[Endpoint, str]:
    """Make an endpoint and return it with its signing secret, which is shown this once.

    Raises
    ------
    ValidationError
        The URL or the events are none.
    TooManyEndpointsError
        The person has `ENDPOINTS_PER_PERSON`.
    """
    User.objects.select_for_update().get(pk=owner.pk)
    if owner.webhooks.count() >= ENDPOINTS_PER_PERSON:
        raise TooManyEndpointsError
    endpoint = Endpoint(owner=owner, url=url, events=list(events), description=description)
    endpoint.full_clean()
    endpoint.save()
    record(actor=owner, action="webhook.created", target=str(endpoint))
    return endpoint, signing.secret(endpoint.salt)


@transaction.atomic
def change_endpoint(*, endpoint: Endpoint, actor: User, **changes: Any) -> Endpoint:
    """Change `url`, `events` or `description`.

    Raises
    ------
    ValidationError
        The URL or the events are none.
    """
    for name, value in changes.items():
        setattr(endpoint, name, value)
    endpoint.full_clean()
    endpoint.save(update_fields=list(changes))
    record(actor=actor, action="webhook.changed", target=str(endpoint))
    return endpoint


@transaction.atomic
def delete_endpoint(*, endpoint: Endpoint, actor: User) -> None:
    """Delete an endpoint with its log; what waits is not sent."""
    record(actor=actor, action="webhook.deleted", target=str(endpoint))
    endpoint.delete()


@transaction.atomic
def enable(*, endpoint: Endpoint, actor: User) -> None:
    """Send to it again from now on, as if it had never failed."""
    endpoint.disabled_at = endpoint.failing_since = endpoint.retry_at = None
    endpoint.disabled_because = ""
    endpoint.save(update_fields=["disabled_at", "disabled_because", "failing_since", "retry_at"])
    record(actor=actor, action="webhook.enabled", target=str(endpoint))


@transaction.atomic
def disable(*, endpoint: Endpoint, because: DisabledBecause, actor: User | None = None) -> None:
    """Send nothing to it from now on; what waits has failed."""
    endpoint.disabled_at = timezone.now()
    endpoint.disabled_because = because
    endpoint.save(update_fields=["disabled_at", "disabled_because"])
    endpoint.deliveries.filter(status=DeliveryStatus.WAITING).update(
        status=DeliveryStatus.FAILED, finished_at=endpoint.disabled_at
    )
    record(
        actor=actor,
        action="webhook.disabled",
        target=str(endpoint),
        details={"because": str(because)},
    )


@transaction.atomic
def rotate_secret(*, endpoint: Endpoint, actor: User) -> str:
    """Replace the signing secret and return the new one, which is shown this once.

    Until `OVERLAP` is over deliveries carry the signatures of both, so none is refused while
    the receiver is being changed.
    """
    endpoint.previous_salt, endpoint.salt = endpoint.salt, new_salt()
    endpoint.previous_until = timezone.now() + OVERLAP
    endpoint.save(update_fields=["salt", "previous_salt", "previous_until"])
    record(actor=actor, action="webhook.secret_rotated", target=str(endpoint))
    return signing.secret(endpoint.salt)


# --- the outbox -------------------------------------------------------------------------------


def emit(event: EventType, data: Callable[[], dict[str, Any]], *, owner_id: int | None) -> None:
    """Note for everybody who listens that something has happened.

    Call it in the transaction in which it happens: then both are saved, or neither.

    Parameters
    ----------
    event : EventType
        What has happened.
    data : callable
        Gives the `data` of the message; called only if somebody listens.
    owner_id : int or None
        Whose endpoints are told; None for everybody's.
    """
    endpoints = Endpoint.objects.filter(
        disabled_at=None, events__contains=[event.value], owner__is_active=True
    )
    if owner_id is not None:
        endpoints = endpoints.filter(owner_id=owner_id)
    keys = list(endpoints.values_list("pk", flat=True))
    if not keys:
        return
    content = data()
    Delivery.objects.bulk_create(
        Delivery(endpoint_id=key, event=event, data=content) for key in keys
    )
    for key in keys:
        transaction.on_commit(partial(send, key), robust=True)


@transaction.atomic
def send_test(*, endpoint: Endpoint) -> Delivery:
    """Send a message that says that it is a test, once, at once."""
    delivery = endpoint.deliveries.create(
        event=TEST_EVENT, data={"text": "This is a test.", "endpoint": str(endpoint.pk)}
    )
    _hurry(endpoint)
    return delivery


@transaction.atomic
def resend(*, delivery: Delivery) -> None:
    """Deliver once more, under the same id, whether or not it was delivered before."""
    delivery.status = DeliveryStatus.WAITING
    delivery.attempts, delivery.next_at, delivery.finished_at = 0, timezone.now(), None
    delivery.save(update_fields=["status", "attempts", "next_at", "finished_at"])
    _hurry(delivery.endpoint)


def _hurry(endpoint: Endpoint) -> None:
    Endpoint.objects.filter(pk=endpoint.pk).update(retry_at=None)
    transaction.on_commit(lambda: send(endpoint.pk), robust=True)


def send(endpoint_id: uuid.UUID) -> None:
    """Put a task for an endpoint on the queue. Without a broker the sweeper does it later."""
    from webhooks.tasks import deliver

    try:
        deliver.delay(str(endpoint_id))
    except (RedisError, OSError, deliver.OperationalError):
        log.warning("broker out of reach; endpoint %s waits for the sweeper", endpoint_id)


# --- the worker's side ------------------------------------------------------------------------


def take(endpoint_id: uuid.UUID) -> Endpoint | None:
    """Take an endpoint for one worker's turn; None if it is taken, resting or disabled."""
    now = timezone.now()
    taken = (
        Endpoint.objects.filter(pk=endpoint_id, disabled_at=None, owner__is_active=True)
        .filter(Q(busy_until=None) | Q(busy_until__lt=now))
        .filter(Q(retry_at=None) | Q(retry_at__lte=now))
        .update(busy_until=now + LEASE)
    )
    return Endpoint.objects.get(pk=endpoint_id) if taken else None


def give_back(endpoint: Endpoint) -> None:
    """End a worker's turn."""
    Endpoint.objects.filter(pk=endpoint.pk).update(busy_until=None)


@transaction.atomic
def note_attempt(
    *,
    endpoint: Endpoint,
    delivery: Delivery,
    status_code: int | None,
    error: str,
    excerpt: str,
    seconds: float,
    next_at: datetime | None,
    rest_until: datetime | None,
) -> None:
    """Write down an attempt and what follows from it.

    Parameters
    ----------
    error : str
        Empty for a success.
    next_at : datetime or None
        When to try again; None after a success, and where it has failed for good.
    rest_until : datetime or None
        Until when nothing is sent to the endpoint; None leaves it as it is.
    """
    now = timezone.now()
    delivery.log.create(
        status_code=status_code,
        error=error[:300],
        excerpt=excerpt.replace("\0", "")[:500],
        seconds=seconds,
    )
    delivery.attempts += 1
    if next_at:
        delivery.next_at = next_at
    else:
        delivery.status = DeliveryStatus.FAILED if error else DeliveryStatus.DELIVERED
        delivery.finished_at = now
    delivery.save(update_fields=["attempts", "next_at", "status", "finished_at"])
    if not error:
        endpoint.failing_since = endpoint.retry_at = None
    elif rest_until:
        endpoint.failing_since = endpoint.failing_since or now
        endpoint.retry_at = rest_until
    endpoint.busy_until = now + LEASE
    endpoint.save(update_fields=["failing_since", "retry_at", "busy_until"])
