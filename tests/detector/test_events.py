"""Other systems are told of a clip's end together with it, and once of a batch."""

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.db import connection

from accounts.models import User
from detector import services
from detector.models import Batch, Prediction
from tests.api.conftest import WAV, verdict
from tests.factories import ModelVersionFactory, PredictionFactory
from webhooks.models import Delivery, EventType
from webhooks.services import create_endpoint

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _listening(owner: User) -> None:
    create_endpoint(owner=owner, url="https://hooks.example.org/", events=EventType.values)


def told(event: str) -> list[dict[str, Any]]:
    return list(Delivery.objects.filter(event=event).values_list("data", flat=True))


def end(prediction: Prediction) -> bool:
    claimed = services.claim(prediction.pk)
    assert claimed
    return services.finish(claimed, model_version=ModelVersionFactory(), **verdict())


def test_a_verdict_is_told(owner: User) -> None:
    prediction = PredictionFactory(clip__owner=owner, clip__name="call.wav")
    end(prediction)
    (data,) = told("prediction.done")
    assert (data["id"], data["filename"], data["verdict"], data["error"]) == (
        str(prediction.pk),
        "call.wav",
        "FAKE",
        None,
    )


def test_a_failure_is_told_in_words(owner: User) -> None:
    claimed = services.claim(PredictionFactory(clip__owner=owner).pk)
    assert claimed
    services.fail(claimed, code="audio_too_short", params={"found": 0.1, "limit": 0.5})
    (data,) = told("prediction.failed")
    assert data["error"]["code"] == "audio_too_short"
    assert "0.1 s" in data["error"]["detail"]


def test_a_cancelled_one_is_told_as_that_and_not_as_a_failure(owner: User) -> None:
    prediction = PredictionFactory(clip__owner=owner)
    assert services.cancel(prediction)
    (data,) = told("prediction.cancelled")
    assert (data["id"], data["status"]) == (str(prediction.pk), "cancelled")
    assert data["error"]["code"] == "cancelled"
    assert told("prediction.failed") == []


def test_who_listened_to_failures_goes_on_hearing_of_what_is_cancelled(owner: User) -> None:
    url = "https://hooks.example.org/"
    before, other = (
        create_endpoint(owner=owner, url=url, events=events)[0]
        for events in (["prediction.failed"], ["batch.done"])
    )
    import_module("webhooks.migrations.0002_cancelled").listen_to_both(apps, None)
    before.refresh_from_db()
    other.refresh_from_db()
    assert before.events == ["prediction.failed", "prediction.cancelled"]
    assert other.events == ["batch.done"]


def test_who_lost_the_lease_tells_nothing(owner: User) -> None:
    claimed = services.claim(PredictionFactory(clip__owner=owner).pk)
    assert claimed
    Prediction.objects.update(lease=None, status="queued")
    assert not services.fail(claimed, code="internal_error")
    assert not Delivery.objects.exists()


def test_a_batch_is_told_once_when_its_last_ends(owner: User) -> None:
    files = [ContentFile(WAV, name="a.wav"), ContentFile(b"text", name="b.txt")]
    batch = services.submit_batch(owner=owner, files=[*files, ContentFile(WAV, name="c.wav")])
    first, last = batch.predictions.order_by("created_at")
    end(first)
    assert told("batch.done") == []
    end(last)
    (data,) = told("batch.done")
    assert (data["id"], data["total"], data["done"], data["refused"]) == (str(batch.pk), 3, 2, 1)


def test_a_batch_of_refused_files_is_told_at_once(owner: User) -> None:
    services.submit_batch(owner=owner, files=[ContentFile(b"text", name="b.txt")])
    assert len(told("batch.done")) == 1


def test_the_last_two_may_end_at_the_same_time(owner: User) -> None:
    def end_and_close(prediction: Prediction) -> None:
        end(prediction)
        connection.close()

    for _ in range(5):
        batch = Batch.objects.create(owner=owner, files=[{"filename": "x", "prediction": "y"}])
        pair = PredictionFactory.create_batch(2, clip__owner=owner, batch=batch)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(end_and_close, pair))
    assert len(told("batch.done")) == 5
