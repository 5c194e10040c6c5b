"""The history, one prediction, and deleting a clip."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from detector.models import Prediction
from tests.api.conftest import URL, assert_problem
from tests.factories import ClipFactory, ModelVersionFactory, PredictionFactory

pytestmark = pytest.mark.django_db
HISTORY = f"{URL}/predictions"


def names(response: object) -> list[str]:
    assert response.status_code == 200, response.content
    return [row["filename"] for row in response.json()["results"]]


@pytest.fixture
def history(owner: User, stranger: User) -> list[Prediction]:
    """Three of the owner's, oldest first, and one of a stranger."""
    version, now = ModelVersionFactory(), timezone.now()
    rows = [
        PredictionFactory(
            clip__owner=owner,
            clip__name=f"clip{age}.wav",
            created_at=now - timedelta(days=age),
            done=age != 1,
            failed=age == 1,
            **({"model_version": version} if age != 1 else {}),
        )
        for age in (2, 1, 0)
    ]
    PredictionFactory(clip__owner=stranger, clip__name="secret.wav")
    return rows


def test_shows_what_is_mine_newest_first(client: APIClient, history: list[Prediction]) -> None:
    assert names(client.get(HISTORY)) == ["clip0.wav", "clip1.wav", "clip2.wav"]


def test_leaves_the_evidence_to_the_prediction_itself(
    client: APIClient, history: list[Prediction]
) -> None:
    row = client.get(HISTORY).json()["results"][0]
    assert "segments" not in row
    whole = client.get(row["links"]["self"]).json()
    assert whole["segments"]
    assert row == {name: whole[name] for name in row}


def test_takes_a_fixed_number_of_queries(
    client: APIClient, history: list[Prediction], owner: User, django_assert_max_num_queries: object
) -> None:
    PredictionFactory.create_batch(5, clip__owner=owner, done=True)
    client.get(HISTORY)
    with django_assert_max_num_queries(2):
        client.get(HISTORY)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("name=CLIP1", ["clip1.wav"]),
        ("verdict=FAKE", ["clip0.wav", "clip2.wav"]),
        ("verdict=REAL", []),
        ("status=failed", ["clip1.wav"]),
        ("name=secret", []),
    ],
)
def test_filters(
    client: APIClient, history: list[Prediction], query: str, found: list[str]
) -> None:
    assert names(client.get(f"{HISTORY}?{query}")) == found


def test_filters_by_day_and_content(client: APIClient, history: list[Prediction]) -> None:
    yesterday = (timezone.now() - timedelta(days=1)).date()
    assert names(client.get(HISTORY, {"until": yesterday})) == ["clip1.wav", "clip2.wav"]
    assert names(client.get(HISTORY, {"since": yesterday})) == ["clip0.wav", "clip1.wav"]
    assert names(client.get(HISTORY, {"sha256": history[0].clip.sha256})) == ["clip2.wav"]


@pytest.mark.parametrize(
    "query",
    [
        "verdict=MAYBE",
        "since=yesterday",
        "name=%00",
        "cursor=junk",
        "page_size=null",
        "page_size=0",
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(client: APIClient, query: str) -> None:
    body = assert_problem(client.get(f"{HISTORY}?{query}"), 400, "invalid_request")
    assert body["errors"][0]["field"] == query.split("=")[0]


def test_pages_stay_right_while_clips_arrive(client: APIClient, owner: User) -> None:
    now = timezone.now()
    for age in range(5):
        PredictionFactory(
            clip__owner=owner, clip__name=f"{age}", created_at=now - timedelta(minutes=age)
        )
    first = client.get(f"{HISTORY}?page_size=2")
    PredictionFactory(clip__owner=owner, clip__name="new")
    second = client.get(first.json()["next"])
    third = client.get(second.json()["next"])
    assert names(first) + names(second) + names(third) == ["0", "1", "2", "3", "4"]
    assert third.json()["next"] is None
    assert names(client.get(second.json()["previous"])) == ["0", "1"]


def test_a_failed_prediction_says_why(client: APIClient, history: list[Prediction]) -> None:
    response = client.get(f"{HISTORY}/{history[1].pk}")
    assert response.status_code == 200
    error = response.json()["error"]
    assert (error["code"], error["type"]) == ("decode_failed", "/api/problems/decode_failed/")
    assert "WAV" in error["detail"]


@pytest.mark.django_db(transaction=True)
def test_deleting_takes_the_audio_and_the_row_from_sight(client: APIClient, owner: User) -> None:
    row = PredictionFactory(clip=ClipFactory(owner=owner), done=True)
    stored = row.clip.audio.name
    assert default_storage.exists(stored)
    response = client.delete(f"{HISTORY}/{row.pk}")
    assert (response.status_code, response.content) == (204, b"")
    assert not default_storage.exists(stored)
    row.clip.refresh_from_db()
    assert row.clip.deleted_at
    assert_problem(client.get(f"{HISTORY}/{row.pk}"), 404, "not_found")
    assert_problem(client.delete(f"{HISTORY}/{row.pk}"), 404, "not_found")
    assert names(client.get(HISTORY)) == []


@pytest.mark.parametrize("method", ["get", "delete"])
def test_what_is_not_mine_does_not_exist(
    method: str, history: list[Prediction], teammate: User, api: Callable[..., APIClient]
) -> None:
    other = api(teammate)
    assert_problem(getattr(other, method)(f"{HISTORY}/{history[0].pk}"), 404, "not_found")
    assert_problem(getattr(other, method)(f"{HISTORY}/{uuid4()}"), 404, "not_found")
    history[0].clip.refresh_from_db()
    assert history[0].clip.deleted_at is None
