"""`POST /predict`: one clip, waited for or not."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import User
from detector import services
from detector.models import Clip, Prediction
from tests.api.conftest import URL, Ending, assert_problem, text, verdict, wav
from training.models import ModelVersion

pytestmark = pytest.mark.django_db(transaction=True)
PREDICT = f"{URL}/predict"


def test_answers_with_the_whole_verdict(client: APIClient, judges: None) -> None:
    response = client.post(PREDICT, {"file": wav("call.wav")})
    assert response.status_code == 200, response.content
    body = response.json()
    row = Prediction.objects.get()
    assert body == body | {
        "id": str(row.pk),
        "filename": "call.wav",
        "status": "done",
        "prediction": "FAKE",
        "verdict": "FAKE",
        "confidence": 0.9,
        "probability": 0.9,
        "score": 2.2,
        "threshold": 0.8,
        "real_threshold": 0.3,
        "error": None,
        "model_version": "version-x",
        "schema": "voicetell-1",
        "sha256": row.clip.sha256,
        "size": row.clip.size,
        "quality": {"speech_seconds": 2.5},
        "timings": {"decode": 0.01},
    }
    assert body["probabilities"] == {"REAL": pytest.approx(0.1), "FAKE": 0.9}
    assert body["segments"] == verdict()["segments"]
    assert body["reasons"] == [
        {
            "code": "score_above_threshold",
            "text": "The evidence for a synthetic voice is above the threshold.",
            "weight": None,
        }
    ]
    assert body["facts"]["codec"] == "pcm_s16le"
    assert body["created_at"] < body["finished_at"]
    assert client.get(body["links"]["self"]).json() == body


def test_respond_async_answers_at_once(client: APIClient) -> None:
    response = client.post(PREDICT, {"file": wav()}, headers={"Prefer": "respond-async"})
    assert response.status_code == 202
    assert response["Preference-Applied"] == "respond-async"
    assert int(response["Retry-After"]) >= 1
    followed = client.get(response["Location"])
    assert followed.status_code == 200
    assert followed.json() == response.json()
    assert followed.json()["status"] == "queued"
    assert followed.json()["verdict"] is None
    assert followed.json()["probabilities"] is None


def test_waits_no_longer_than_asked(client: APIClient) -> None:
    response = client.post(PREDICT, {"file": wav()}, headers={"Prefer": "wait=1"})
    assert response.status_code == 202
    assert response["Preference-Applied"] == "wait=1"
    assert Prediction.objects.get().status == "queued"


def test_a_verdict_ends_the_wait(client: APIClient, judges: None) -> None:
    response = client.post(PREDICT, {"file": wav()}, headers={"Prefer": "wait=3600"})
    assert response.status_code == 200
    assert response["Preference-Applied"] == "wait=60"


def test_a_clip_that_fails_is_a_problem_with_its_prediction(
    client: APIClient, worker: Callable[[Ending], None]
) -> None:
    worker(lambda row: services.fail(row, code="audio_too_short", params={"found": 1, "limit": 2}))
    response = client.post(PREDICT, {"file": wav()})
    body = assert_problem(response, 422, "audio_too_short")
    assert body["detail"] == "It lasts 1 s; at least 2 s of audio are needed."
    row = client.get(body["links"]["self"]).json()
    assert row["id"] == body["id"]
    assert row["status"] == "failed"
    assert row["error"]["code"] == "audio_too_short"


@pytest.mark.parametrize(("code", "status"), [("worker_lost", 500), ("no_model", 503)])
def test_our_own_faults_are_not_called_the_clips(
    client: APIClient, worker: Callable[[Ending], None], code: str, status: int
) -> None:
    worker(lambda row: services.fail(row, code=code))
    assert_problem(client.post(PREDICT, {"file": wav()}), status, code)


def test_a_clip_without_speech_has_no_probability(
    client: APIClient, worker: Callable[[Ending], None], version: ModelVersion
) -> None:
    silent = verdict(
        verdict="INCONCLUSIVE",
        probability=None,
        score=None,
        segments=[{"start": 0, "end": 3, "kind": "silence", "score": None, "probability": None}],
        reasons=[{"code": "no_speech", "weight": None, "params": {}}],
    )
    worker(lambda row: services.finish(row, model_version=version, **silent))
    body = client.post(PREDICT, {"file": wav()}).json()
    assert body["verdict"] == "INCONCLUSIVE"
    assert (body["probability"], body["probabilities"], body["confidence"]) == (None, None, None)


@pytest.mark.parametrize(
    ("word", "probability", "confidence"), [("REAL", 0.2, 0.8), ("INCONCLUSIVE", 0.4, 0.6)]
)
def test_confidence_is_of_the_verdict_that_was_given(
    client: APIClient,
    worker: Callable[[Ending], None],
    version: ModelVersion,
    word: str,
    probability: float,
    confidence: float,
) -> None:
    result = verdict(verdict=word, probability=probability)
    worker(lambda row: services.finish(row, model_version=version, **result))
    assert client.post(PREDICT, {"file": wav()}).json()["confidence"] == confidence


def test_more_may_wait_than_the_pool_has_connections(
    owner: User, api: Callable[..., APIClient], settings: object
) -> None:
    """Threads that wait hold no connection, so others are answered meanwhile."""
    clients = [api(owner) for _ in range(24)]
    answers: list[int] = []

    def ask(client: APIClient) -> None:
        response = client.post(PREDICT, {"file": wav()}, headers={"Prefer": "wait=15"})
        answers.append(response.status_code)
        connection.close()

    threads = [threading.Thread(target=ask, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    while Prediction.objects.count() < len(clients):
        assert any(thread.is_alive() for thread in threads), answers
    assert api(owner).get(f"{URL}/predictions").status_code == 200
    for row in Prediction.objects.all():
        claimed = services.claim(row.pk)
        assert claimed
        services.fail(claimed, code="no_audio")
    for thread in threads:
        thread.join()
    assert answers == [422] * len(clients)


def test_refuses_what_is_no_audio_and_keeps_nothing(client: APIClient) -> None:
    body = assert_problem(client.post(PREDICT, {"file": text()}), 422, "unsupported_format")
    assert "text" in body["detail"]
    assert not Clip.objects.exists()


def test_refuses_an_empty_file(client: APIClient) -> None:
    empty = wav()
    empty.seek(0)
    empty.truncate()
    empty.size = 0
    assert_problem(client.post(PREDICT, {"file": empty}), 422, "empty_file")


def test_says_which_field_is_missing(client: APIClient) -> None:
    body = assert_problem(client.post(PREDICT, {"other": wav()}), 400, "invalid_request")
    assert [(error["field"], error["code"]) for error in body["errors"]] == [("file", "required")]


def test_a_field_that_is_no_file_is_the_fields_fault(client: APIClient) -> None:
    body = assert_problem(client.post(PREDICT, {"file": "C:\\clip.wav"}), 400, "invalid_request")
    assert body["errors"][0]["field"] == "file"


def test_two_files_are_not_silently_one(client: APIClient) -> None:
    assert_problem(client.post(PREDICT, {"file": [wav(), wav()]}), 400, "one_file_only")


def test_refuses_a_large_body_by_its_length_before_reading_it(
    client: APIClient, settings: object
) -> None:
    settings.MAX_UPLOAD_BYTES = 1000
    response = client.post(
        PREDICT, b"", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH="5000000"
    )
    body = assert_problem(response, 413, "file_too_large")
    assert "4.8 MB" in body["detail"]


def test_refuses_a_file_that_is_a_little_too_large(client: APIClient, settings: object) -> None:
    settings.MAX_UPLOAD_BYTES = 10
    assert_problem(client.post(PREDICT, {"file": wav()}), 413, "file_too_large")


def test_asks_for_the_length_of_a_chunked_upload(client: APIClient) -> None:
    response = client.post(
        PREDICT,
        b"",
        content_type="multipart/form-data; boundary=x",
        headers={"Transfer-Encoding": "chunked"},
        CONTENT_LENGTH="",
    )
    assert_problem(response, 411, "length_required")


def test_more_files_than_are_read_are_413(client: APIClient, settings: object) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    response = client.post(PREDICT, {"file": [wav(), wav(), wav()]})
    assert_problem(response, 413, "too_many_files")


def test_more_fields_than_are_read_are_413(client: APIClient, settings: object) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 2
    fields = {f"field{n}": "x" for n in range(4)}
    assert_problem(client.post(PREDICT, fields), 413, "request_too_large")


def test_other_content_types_are_415(client: APIClient) -> None:
    response = client.post(PREDICT, {"file": "x"}, format="json")
    assert_problem(response, 415, "unsupported_media_type")


def test_a_broken_multipart_body_is_400(client: APIClient) -> None:
    response = client.post(PREDICT, b"junk", content_type="multipart/form-data")
    assert_problem(response, 400, "parse_error")


def test_a_full_queue_says_when_to_come_back(client: APIClient, settings: object) -> None:
    settings.MAX_QUEUED_PER_USER = 1
    client.post(PREDICT, {"file": wav()}, headers={"Prefer": "respond-async"})
    response = client.post(PREDICT, {"file": wav()})
    assert_problem(response, 429, "queue_full")
    assert int(response["Retry-After"]) >= 1
