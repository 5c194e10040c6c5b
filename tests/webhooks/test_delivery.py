"""What happened arrives: signed, once or more, in the end, or it is said why not."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import AuditEvent, User
from tests.webhooks.conftest import Received, Receiver
from webhooks import services, signing
from webhooks.delivery import RETRY_SECONDS, deliver_due, sweep
from webhooks.models import Attempt, Delivery, DeliveryStatus, Endpoint, EventType

pytestmark = pytest.mark.django_db


def signature(secret: str, request: Received) -> str:
    """Sign as the specification says, by other code than ours."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    head = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}."
    digest = hmac.new(key, head.encode() + request.body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def due_now(delivery: Delivery) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(next_at=timezone.now())
    Endpoint.objects.filter(pk=delivery.endpoint_id).update(retry_at=None)


def test_it_arrives_signed_and_dated(receiver: Receiver, delivery: Delivery, secret: str) -> None:
    deliver_due(delivery.endpoint_id)
    (request,) = receiver.got
    assert request.path == "/hook?from=voicetell"
    assert json.loads(request.body) == {
        "type": "run.done",
        "timestamp": delivery.created_at.isoformat(),
        "data": {"id": "r-1"},
    }
    assert request.headers["webhook-id"] == delivery.message_id
    assert abs(int(request.headers["webhook-timestamp"]) - timezone.now().timestamp()) < 60
    assert request.headers["webhook-signature"] == signature(secret, request)
    delivery.refresh_from_db()
    assert delivery.status == DeliveryStatus.DELIVERED
    assert [attempt.status_code for attempt in delivery.log.all()] == [204]


def test_what_fails_is_tried_again_under_the_same_id_with_growing_waits(
    receiver: Receiver, delivery: Delivery
) -> None:
    receiver.answers = [(503, {}, b"busy")] * 3
    waits = []
    for _ in range(4):
        due_now(delivery)
        deliver_due(delivery.endpoint_id)
        delivery.refresh_from_db()
        waits.append((delivery.next_at - timezone.now()).total_seconds())
    assert delivery.status == DeliveryStatus.DELIVERED
    assert len({request.headers["webhook-id"] for request in receiver.got}) == 1
    assert [attempt.status_code for attempt in delivery.log.all()] == [503, 503, 503, 204]
    assert delivery.log.first().excerpt == "busy"
    for wait, expected in zip(waits, RETRY_SECONDS[:3], strict=False):
        assert expected - 5 < wait <= expected * 1.2


def test_it_goes_on_for_three_days_and_then_has_failed(
    receiver: Receiver, delivery: Delivery
) -> None:
    assert timedelta(days=3) <= timedelta(seconds=sum(RETRY_SECONDS)) <= timedelta(days=4)
    receiver.answers = [(500, {}, b"")] * 20
    for _ in range(20):
        due_now(delivery)
        deliver_due(delivery.endpoint_id)
    delivery.refresh_from_db()
    assert delivery.status == DeliveryStatus.FAILED
    assert len(receiver.got) == len(RETRY_SECONDS) + 1


def test_retry_after_is_heeded(receiver: Receiver, delivery: Delivery) -> None:
    receiver.answers = [(429, {"Retry-After": "600"}, b"")]
    deliver_due(delivery.endpoint_id)
    delivery.refresh_from_db()
    assert delivery.next_at > timezone.now() + timedelta(seconds=590)


def test_an_endpoint_that_fails_for_three_days_is_disabled(
    receiver: Receiver, delivery: Delivery, endpoint: Endpoint
) -> None:
    Endpoint.objects.update(failing_since=timezone.now() - timedelta(days=3, hours=1))
    waits = endpoint.deliveries.create(event="run.done", data={})
    receiver.answers = [(500, {}, b"")]
    deliver_due(endpoint.pk)
    endpoint.refresh_from_db()
    waits.refresh_from_db()
    assert endpoint.disabled_because == "failing"
    assert waits.status == DeliveryStatus.FAILED
    assert AuditEvent.objects.filter(action="webhook.disabled").exists()
    deliver_due(endpoint.pk)
    assert len(receiver.got) == 1


def test_gone_disables_at_once(receiver: Receiver, delivery: Delivery) -> None:
    receiver.answers = [(410, {}, b"")]
    deliver_due(delivery.endpoint_id)
    delivery.endpoint.refresh_from_db()
    assert delivery.endpoint.disabled_because == "gone"


def test_an_endpoint_that_failed_rests_and_the_sweep_takes_it_up_again(
    receiver: Receiver, delivery: Delivery, sent: list[Any]
) -> None:
    receiver.answers = [(500, {}, b"")]
    deliver_due(delivery.endpoint_id)
    delivery.endpoint.deliveries.create(event="run.done", data={})
    deliver_due(delivery.endpoint_id)
    sweep()
    assert len(receiver.got) == 1
    assert sent == []
    due_now(delivery)
    sweep()
    assert sent == [delivery.endpoint_id]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The endpoints for which a task was put on the queue."""
    keys: list[Any] = []
    monkeypatch.setattr(services, "send", keys.append)
    return keys


def test_two_workers_do_not_send_to_one_endpoint_at_once(
    receiver: Receiver, delivery: Delivery
) -> None:
    assert services.take(delivery.endpoint_id)
    deliver_due(delivery.endpoint_id)
    assert receiver.got == []
    Endpoint.objects.update(busy_until=timezone.now() - timedelta(seconds=1))  # the worker died
    deliver_due(delivery.endpoint_id)
    assert len(receiver.got) == 1


def test_a_rotated_secret_signs_beside_the_old_one_for_a_day(
    receiver: Receiver, delivery: Delivery, secret: str, owner: User
) -> None:
    new = services.rotate_secret(endpoint=delivery.endpoint, actor=owner)
    assert new != secret
    deliver_due(delivery.endpoint_id)
    (request,) = receiver.got
    assert set(request.headers["webhook-signature"].split(" ")) == {
        signature(secret, request),
        signature(new, request),
    }
    Endpoint.objects.update(previous_until=timezone.now())
    delivery.refresh_from_db()
    services.resend(delivery=delivery)
    deliver_due(delivery.endpoint_id)
    assert receiver.got[1].headers["webhook-signature"] == signature(new, receiver.got[1])
    assert receiver.got[1].headers["webhook-id"] == request.headers["webhook-id"]


def test_no_column_holds_the_secret(endpoint: Endpoint, secret: str, owner: User) -> None:
    services.rotate_secret(endpoint=endpoint, actor=owner)
    bare = secret.removeprefix("whsec_")
    for model in (Endpoint, Delivery, Attempt, AuditEvent):
        assert not any(bare in str(row) for row in model.objects.values_list())


def test_a_test_is_sent_once_and_does_no_harm(receiver: Receiver, endpoint: Endpoint) -> None:
    receiver.answers = [(500, {}, b"no")]
    delivery = services.send_test(endpoint=endpoint)
    deliver_due(endpoint.pk)
    delivery.refresh_from_db()
    endpoint.refresh_from_db()
    assert delivery.status == DeliveryStatus.FAILED
    assert endpoint.failing_since is None
    assert json.loads(receiver.got[0].body)["type"] == "webhook.test"


def test_only_who_listens_is_told(
    endpoint: Endpoint, receiver: Receiver, owner: User, stranger: User
) -> None:
    endpoint.events = ["run.done"]
    endpoint.save()
    services.create_endpoint(owner=stranger, url=receiver.url, events=["prediction.done"])

    def data() -> dict[str, Any]:
        return {"id": "1"}

    services.emit(EventType.PREDICTION_DONE, data, owner_id=owner.pk)
    assert not Delivery.objects.exists()
    services.emit(EventType.RUN_DONE, data, owner_id=owner.pk)
    assert Delivery.objects.get().endpoint == endpoint
    services.emit(EventType.PREDICTION_DONE, data, owner_id=None)
    assert Delivery.objects.get(event="prediction.done").endpoint.owner == stranger


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_was_never_told(
    endpoint: Endpoint, owner: User, sent: list[Any]
) -> None:
    with transaction.atomic():
        services.emit(EventType.RUN_DONE, dict, owner_id=owner.pk)
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()
    assert sent == []


def test_the_log_forgets_after_a_month(endpoint: Endpoint) -> None:
    long_ago = timezone.now() - timedelta(days=31)
    for finished in (long_ago, timezone.now(), None):
        endpoint.deliveries.create(event="run.done", data={}, finished_at=finished)
    sweep()
    assert endpoint.deliveries.count() == 2


def test_a_person_has_so_many_endpoints_and_no_more(
    owner: User, monkeypatch: pytest.MonkeyPatch, endpoint: Endpoint
) -> None:
    monkeypatch.setattr(services, "ENDPOINTS_PER_PERSON", 1)
    with pytest.raises(services.TooManyEndpointsError):
        services.create_endpoint(owner=owner, url="https://example.org/", events=["run.done"])


def test_signing_is_what_the_specification_computes(endpoint: Endpoint, secret: str) -> None:
    headers = signing.signed_headers(endpoint, "msg_1", b'{"a":1}', timezone.now())
    request = Received("/", headers, b'{"a":1}')
    assert headers["webhook-signature"] == signature(secret, request)
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
