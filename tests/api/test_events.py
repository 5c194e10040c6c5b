"""Following a prediction or a batch by server-sent events."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from detector import services
from detector.api import streams
from detector.models import Batch, Prediction
from tests.api.conftest import URL, assert_problem, text, verdict, wav
from tests.factories import PredictionFactory
from training.models import ModelVersion

pytestmark = pytest.mark.django_db(transaction=True)


def follow(response: Any) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Read events as the specification says: name, id, data."""
    assert (response.status_code, response["Content-Type"]) == (200, "text/event-stream")
    for block in b"".join(response.streaming_content).decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if line[:1] != ":")
        if "event" in fields:
            yield fields["event"], fields["id"], json.loads(fields["data"])


@pytest.fixture(autouse=True)
def _all_places_are_free_again(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(streams, "LONGEST_SECONDS", 30)
    yield
    assert streams._free._value == streams.STREAMS


def test_a_prediction_is_followed_to_its_verdict(
    client: APIClient, owner: User, version: ModelVersion, worker: Callable
) -> None:
    row = PredictionFactory(clip__owner=owner)
    response = client.get(
        f"{URL}/predictions/{row.pk}/events", headers={"Accept": "text/event-stream"}
    )
    worker(lambda row: services.finish(row, model_version=version, **verdict()))
    events = list(follow(response))
    assert events[0][0] == "queued"
    assert events[-1][0] == "done"
    asked = client.get(f"{URL}/predictions/{row.pk}").json()
    assert events[-1][2] == asked


def test_what_is_over_is_told_at_once_and_not_again(client: APIClient, owner: User) -> None:
    row = PredictionFactory(clip__owner=owner, failed=True)
    address = f"{URL}/predictions/{row.pk}/events"
    ((name, last_id, _),) = follow(client.get(address))
    assert name == "failed"
    again = client.get(address, headers={"Last-Event-ID": last_id})
    assert again.status_code == 204


def test_a_batch_tells_each_result_and_its_end(client: APIClient, judges: None) -> None:
    sent = client.post(
        f"{URL}/predict/batch",
        {"files": [wav("a.wav"), text(), wav("b.wav")]},
        headers={"Prefer": "respond-async"},
    ).json()
    events = list(follow(client.get(f"{URL}/predict/batch/{sent['id']}/events")))
    assert [name for name, _, _ in events] == ["prediction", "prediction", "done"]
    assert {data["filename"] for name, _, data in events if name == "prediction"} == {
        "a.wav",
        "b.wav",
    }
    assert events[-1][2] == {"id": sent["id"], "status": "done", "total": 3, "finished": 3}


def test_a_batch_goes_on_where_it_was_left(client: APIClient, owner: User) -> None:
    batch = Batch.objects.create(owner=owner)
    early, late = PredictionFactory.create_batch(2, clip__owner=owner, batch=batch, done=True)
    early.finished_at = late.finished_at - timedelta(minutes=1)
    early.save()
    batch.files = [{"filename": "x", "prediction": str(row.pk)} for row in (early, late)]
    batch.save()
    address = f"{URL}/predict/batch/{batch.pk}/events"
    first, second, end = follow(client.get(address))
    assert [first[2]["id"], second[2]["id"]] == [str(early.pk), str(late.pk)]
    rest = list(follow(client.get(address, headers={"Last-Event-ID": second[1]})))
    assert [data["id"] for _, _, data in rest] == [str(late.pk), str(batch.pk)]
    assert client.get(address, headers={"Last-Event-ID": end[1]}).status_code == 204


def test_a_stream_says_that_it_lives_and_ends_by_itself(
    client: APIClient, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT_SECONDS", 0.1)
    monkeypatch.setattr(streams, "LONGEST_SECONDS", 2.5)
    row = PredictionFactory(clip__owner=owner)
    response = client.get(f"{URL}/predictions/{row.pk}/events")
    assert b": still here" in b"".join(response.streaming_content)


def test_where_no_place_is_free_it_says_when_to_come_again(client: APIClient, owner: User) -> None:
    row = PredictionFactory(clip__owner=owner)
    address = f"{URL}/predictions/{row.pk}/events"
    unread = [client.get(address) for _ in range(streams.STREAMS)]
    refused = client.get(address)
    assert_problem(refused, 503, "too_many_streams")
    assert refused["Retry-After"]
    for response in unread:
        response.close()  # as the server does for a client that has gone
    assert client.get(address, headers={"Last-Event-ID": "x"}).close() is None


def test_a_clip_that_is_deleted_ends_its_stream(client: APIClient, owner: User) -> None:
    row = PredictionFactory(clip__owner=owner)
    response = client.get(f"{URL}/predictions/{row.pk}/events")
    services.delete_clip(clip=row.clip, actor=owner)
    assert [name for name, _, _ in follow(response)] == ["deleted"]
    assert Prediction.objects.exists()
