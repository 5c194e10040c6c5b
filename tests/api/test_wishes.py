"""What may be asked for with an upload, and the ways in which a recording may be sent."""

import json
from datetime import datetime, timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from detector.models import Clip, Prediction
from tests.api.conftest import URL, WAV, assert_problem, wav
from tests.factories import ModelVersionFactory, PredictionFactory

pytestmark = pytest.mark.django_db(transaction=True)
PREDICT = f"{URL}/predict"
LATER = {"Prefer": "respond-async"}
WISHES = {
    "model": "special",
    "target_fpr": "0.05",
    "keep_audio": "false",
    "external_id": "call-4711",
    "metadata": json.dumps({"desk": "fraud", "caller": "Müller"}),
}


@pytest.fixture
def special() -> None:
    manifest = {"threshold": 0.7, "real_threshold": 0.3, "operating_points": [[0.01, 0.9]]}
    ModelVersionFactory(name="special", manifest=manifest)


def assert_wishes(body: dict[str, object]) -> None:
    assert body == body | {
        "requested_version": "special",
        "target_fpr": 0.05,
        "keep_audio": False,
        "external_id": "call-4711",
        "metadata": {"desk": "fraud", "caller": "Müller"},
        "audio_erased_at": None,
        "origin": "upload",
    }


def test_a_form_may_name_its_wishes(client: APIClient, special: None) -> None:
    response = client.post(PREDICT, {"file": wav(), **WISHES}, headers=LATER)
    assert response.status_code == 202, response.content
    assert_wishes(response.json())


def test_a_clip_that_shall_not_stay_says_when_it_goes(client: APIClient, special: None) -> None:
    before = timezone.now()
    body = client.post(PREDICT, {"file": wav(), "retention_days": 30}, headers=LATER).json()
    gone = datetime.fromisoformat(body["expires_at"])
    assert before <= gone - timedelta(days=30) <= timezone.now()
    assert client.post(PREDICT, {"file": wav()}, headers=LATER).json()["expires_at"] is None


def test_a_batch_has_the_wishes_of_all_its_files(client: APIClient, special: None) -> None:
    response = client.post(f"{PREDICT}/batch", {"files": [wav(), wav()], **WISHES}, headers=LATER)
    assert response.status_code == 202, response.content
    for body in response.json()["results"]:
        assert_wishes(body)


@pytest.mark.parametrize(
    "content_type",
    ["audio/wav", "audio/x-wav; a=b", "video/webm", "application/ogg", "application/octet-stream"],
)
def test_the_body_may_be_the_recording(client: APIClient, special: None, content_type: str) -> None:
    response = client.post(
        PREDICT,
        WAV,
        content_type=content_type,
        headers=LATER | {"Content-Disposition": "attachment; filename*=utf-8''M%C3%BCller.wav"},
        query_params=WISHES,
    )
    assert response.status_code == 202, response.content
    assert_wishes(response.json())
    clip = Clip.objects.get()
    assert (clip.name, clip.size) == ("Müller.wav", len(WAV))
    assert clip.audio.read() == WAV


def test_a_body_without_a_name_may_get_one_in_the_address(client: APIClient) -> None:
    for address in (f"{PREDICT}?filename=a.wav", PREDICT):
        assert client.post(address, WAV, content_type="audio/wav", headers=LATER).status_code == 202
    assert set(Clip.objects.values_list("name", flat=True)) == {"a.wav", "recording"}


def test_a_large_body_goes_to_disk(client: APIClient, settings: object) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1000
    content = WAV + bytes(5000)
    response = client.post(PREDICT, content, content_type="audio/wav", headers=LATER)
    assert response.json()["size"] == len(content)
    assert Clip.objects.get().audio.read() == content


def test_a_body_over_the_limit_is_refused(client: APIClient, settings: object) -> None:
    settings.MAX_UPLOAD_BYTES = 10
    response = client.post(PREDICT, WAV, content_type="audio/wav")
    assert_problem(response, 413, "file_too_large")


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"target_fpr": "0"}, "target_fpr"),
        ({"target_fpr": "0.9"}, "target_fpr"),
        ({"target_fpr": "nan"}, "target_fpr"),
        ({"keep_audio": "perhaps"}, "keep_audio"),
        ({"external_id": "x" * 201}, "external_id"),
        ({"metadata": "no json"}, "metadata"),
        ({"metadata": '{"a": 1}'}, "metadata"),
        ({"metadata": '{"a b": "c"}'}, "metadata"),
        ({"metadata": '{"a": "\\u0000"}'}, "metadata"),
        ({"metadata": json.dumps({f"k{n}": "" for n in range(21)})}, "metadata"),
    ],
)
def test_a_wish_that_makes_no_sense_is_named(
    client: APIClient, wish: dict[str, str], field: str
) -> None:
    body = assert_problem(client.post(PREDICT, {"file": wav(), **wish}), 400, "invalid_request")
    assert {error["field"].split(".")[0] for error in body["errors"]} == {field}
    assert not Clip.objects.exists()


@pytest.mark.parametrize("address", [PREDICT, f"{PREDICT}/batch"])
def test_a_version_that_is_not_there_is_refused(client: APIClient, address: str) -> None:
    fields = {"file": wav(), "files": wav(), "model": "nonsense"}
    body = assert_problem(client.post(address, fields), 422, "unknown_version")
    assert "nonsense" in body["detail"]


def test_a_rate_that_cannot_be_promised_is_refused(client: APIClient, special: None) -> None:
    fields = {"file": wav(), "model": "special", "target_fpr": "0.001"}
    body = assert_problem(client.post(PREDICT, fields), 422, "fpr_not_available")
    assert "0.01" in body["detail"]


@pytest.mark.parametrize("address", [PREDICT, f"{PREDICT}/batch"])
def test_an_address_instead_of_a_recording_is_refused_and_says_why(
    client: APIClient, address: str
) -> None:
    response = client.post(address, {"url": "http://169.254.169.254/latest/meta-data"})
    body = assert_problem(response, 422, "url_refused")
    assert "network" in body["detail"]


def test_with_zero_retention_the_answer_proves_that_the_audio_is_gone(
    client: APIClient, judges: None
) -> None:
    body = client.post(PREDICT, {"file": wav(), "keep_audio": "false"}).json()
    assert body["verdict"] == "FAKE"
    assert body["audio_erased_at"]
    clip = Clip.objects.get()
    assert not clip.audio
    assert not default_storage.exists(f"{clip.created_at:clips/%Y/%m/%d}/{clip.pk}.wav")


def test_a_verdict_is_put_into_words(client: APIClient, judges: None) -> None:
    words = client.post(PREDICT, {"file": wav()}).json()["confidence_in_words"]
    assert (words["level"], words["towards"]) == ("weak", "FAKE")
    assert words["likelihood_ratio"] == pytest.approx(9.03, abs=0.01)
    assert "9.0 times" in words["text"]
    assert "version-x" in words["text"]
    assert "2.5 s of speech" in words["text"]
    assert "1 of 1 windows" in words["text"]


def test_what_waits_knows_how_many_are_before_it(client: APIClient) -> None:
    answers = [client.post(PREDICT, {"file": wav()}, headers=LATER).json() for _ in range(3)]
    assert [answer["ahead"] for answer in answers] == [0, 1, 2]


def test_a_waiting_prediction_can_be_cancelled(client: APIClient) -> None:
    asked = client.post(PREDICT, {"file": wav()}, headers=LATER).json()
    response = client.post(f"{asked['links']['self']}/cancel")
    assert response.status_code == 200
    body = response.json()
    assert (body["status"], body["error"]["code"]) == ("cancelled", "cancelled")
    assert client.get(asked["links"]["self"]).json() == body
    body = assert_problem(client.post(f"{asked['links']['self']}/cancel"), 409, "already_finished")
    assert "cancelled" in body["detail"]


def test_cancelling_a_batch_keeps_what_is_done(client: APIClient, owner: User) -> None:
    asked = client.post(f"{PREDICT}/batch", {"files": [wav(), wav()]}, headers=LATER).json()
    done = PredictionFactory(clip__owner=owner, done=True)
    first = asked["results"][0]["id"]
    Prediction.objects.filter(pk=first).update(
        status="done",
        verdict="FAKE",
        threshold=0.5,
        model_version=done.model_version,
        finished_at=done.finished_at,
        reasons=done.reasons,
    )
    body = client.post(f"{asked['links']['self']}/cancel").json()
    assert [result["status"] for result in body["results"]] == ["done", "cancelled"]
    assert (body["status"], body["finished"]) == ("done", 2)
