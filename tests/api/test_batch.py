"""`/predict/batch`: every file is answered by itself, in the order of the upload."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from detector.models import Clip, Prediction
from tests.api.conftest import URL, assert_problem, text, wav

pytestmark = pytest.mark.django_db(transaction=True)
BATCH = f"{URL}/predict/batch"
AT_ONCE = {"Prefer": "respond-async"}


def test_a_bad_file_stops_no_other(client: APIClient, judges: None) -> None:
    files = [wav("a.wav"), text("b.txt"), wav("c.wav")]
    response = client.post(BATCH, {"files": files})
    assert response.status_code == 200, response.content
    body = response.json()
    assert (body["status"], body["total"], body["finished"]) == ("done", 3, 3)
    assert [(r["filename"], r["status"], r["prediction"]) for r in body["results"]] == [
        ("a.wav", "done", "FAKE"),
        ("b.txt", "failed", None),
        ("c.wav", "done", "FAKE"),
    ]
    first, refused, _ = body["results"]
    assert refused["id"] is None
    assert refused["error"]["code"] == "unsupported_format"
    assert set(refused) == set(first)
    assert client.get(first["links"]["self"]).json()["links"]["batch"] == body["links"]["self"]


def test_answers_202_and_can_be_followed(client: APIClient) -> None:
    response = client.post(BATCH, {"files": [wav("a.wav"), text()]}, headers=AT_ONCE)
    assert response.status_code == 202
    assert response["Preference-Applied"] == "respond-async"
    assert response["Retry-After"]
    followed = client.get(response["Location"])
    assert followed.json() == response.json()
    body = followed.json()
    assert (body["status"], body["total"], body["finished"]) == ("queued", 2, 1)


def test_waits_no_longer_than_asked(client: APIClient) -> None:
    response = client.post(BATCH, {"files": [wav()]}, headers={"Prefer": "wait=1"})
    assert response.status_code == 202


def test_a_deleted_clip_leaves_the_batch(client: APIClient) -> None:
    body = client.post(
        BATCH, {"files": [wav("a.wav"), text(), wav("c.wav")]}, headers=AT_ONCE
    ).json()
    client.delete(body["results"][0]["links"]["self"])
    left = client.get(body["links"]["self"]).json()
    assert [result["filename"] for result in left["results"]] == ["notes.txt", "c.wav"]


def test_a_batch_of_only_bad_files_is_done_at_once(client: APIClient) -> None:
    response = client.post(BATCH, {"files": [text(), text()]})
    assert response.status_code == 200
    assert response.json()["status"] == "done"
    assert not Clip.objects.exists()


def test_files_over_the_queue_limit_are_answered_by_themselves(
    client: APIClient, settings: object
) -> None:
    settings.MAX_QUEUED_PER_USER = 1
    body = client.post(BATCH, {"files": [wav(), wav()]}, headers=AT_ONCE).json()
    assert [result["error"] and result["error"]["code"] for result in body["results"]] == [
        None,
        "queue_full",
    ]


def test_a_batch_without_files_is_refused(client: APIClient) -> None:
    body = assert_problem(client.post(BATCH, {"x": "y"}), 400, "invalid_request")
    assert body["errors"][0]["field"] == "files"


def test_too_many_files_are_413_and_none_is_kept(client: APIClient, settings: object) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    assert_problem(client.post(BATCH, {"files": [wav()] * 3}), 413, "too_many_files")
    assert not Prediction.objects.exists()


def test_a_batch_over_the_size_limit_is_413(client: APIClient, settings: object) -> None:
    settings.MAX_BATCH_BYTES = 1000
    response = client.post(
        BATCH, b"", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH="5000000"
    )
    assert_problem(response, 413, "batch_too_large")


def test_the_batch_of_somebody_else_does_not_exist(
    client: APIClient, stranger: User, api: Callable[..., APIClient]
) -> None:
    url = client.post(BATCH, {"files": [text()]}).json()["links"]["self"]
    assert_problem(api(stranger).get(url), 404, "not_found")
