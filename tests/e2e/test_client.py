"""The Python client and its command against a running server with a real worker."""

import io
import json

import pytest
from voicetell_client import ApiError, Client, TooLongError
from voicetell_client.cli import main

from accounts.models import Role, Scope
from accounts.services import create_token
from detector.models import Clip, Prediction
from tests.factories import PredictionFactory, UserFactory

pytestmark = [pytest.mark.stack, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def person():
    return UserFactory(role=Role.OWNER)


@pytest.fixture
def token(person):
    return create_token(owner=person, name="client", scopes=[Scope.ADMIN])[1]


@pytest.fixture
def client(site, token):
    with Client(site, token) as opened:
        yield opened


def test_a_clip_is_judged(client, champion, worker, clip_file):
    found = client.predict(clip_file("real-prompt.wav"), external_id="call 1", keep_audio=True)
    assert found.status == "done"
    assert found.verdict in ("REAL", "FAKE", "INCONCLUSIVE")
    assert found.model_version == champion.name
    assert found.reasons
    assert found.segments[0].end > 0
    assert client.prediction(found.id).raw["id"] == found.id


def test_a_file_that_is_no_recording_is_an_error_with_a_code(client, champion, tmp_path):
    (tmp_path / "notes.wav").write_text("dear diary")
    with pytest.raises(ApiError) as error:
        client.predict(tmp_path / "notes.wav")
    assert (error.value.status, error.value.code) == (422, "unsupported_format")


def test_a_recording_that_cannot_be_judged_is_one_too(client, champion, worker, tmp_path):
    (tmp_path / "short.wav").write_bytes(b"RIFF\x24\x00\x00\x00WAVEfmt " + b"\0" * 20)
    with pytest.raises(ApiError) as error:
        client.predict(tmp_path / "short.wav")
    assert error.value.code in ("decode_failed", "no_audio", "audio_too_short")


def test_many_come_in_their_order_with_their_errors(
    client, champion, worker, clip_file, tmp_path, capsys
):
    (tmp_path / "notes.txt").write_text("dear diary")
    names = ["real-prompt.wav", "fake-flite.wav"]
    paths = [clip_file(names[0]), tmp_path / "notes.txt", clip_file(names[1])]
    found = list(client.predict_many(paths, progress=True))
    assert [one.filename for one in found] == [names[0], "notes.txt", names[1]]
    assert [one.status for one in found] == ["done", "failed", "done"]
    assert found[1].error.code == "unsupported_format"
    assert "3/3" in capsys.readouterr().err


def test_what_takes_too_long_is_said_and_can_be_asked_for_later(client, person):
    row = PredictionFactory(clip__owner=person)
    with pytest.raises(TooLongError) as error:
        client.wait(str(row.pk), timeout=0)
    assert error.value.prediction_id == str(row.pk)
    assert client.prediction(str(row.pk)).status == "queued"


def test_the_history_goes_over_all_pages(client, person):
    PredictionFactory.create_batch(5, clip__owner=person, done=True)
    PredictionFactory(clip__owner=person)
    found = list(client.history(page_size=2, verdict="FAKE"))
    assert len({one.id for one in found}) == 5


def test_a_clip_is_deleted(client, person):
    row = PredictionFactory(clip__owner=person, done=True)
    client.delete(str(row.pk))
    assert Clip.objects.get().deleted_at
    with pytest.raises(ApiError) as error:
        client.prediction(str(row.pk))
    assert error.value.status == 404


def test_what_waits_is_cancelled(client, person):
    row = PredictionFactory(clip__owner=person)
    assert client.cancel(str(row.pk)).status == "cancelled"
    with pytest.raises(ApiError) as error:
        client.cancel(str(row.pk))
    assert (error.value.status, error.value.code) == (409, "already_finished")


def test_the_history_is_saved_in_every_form(client, person):
    PredictionFactory.create_batch(3, clip__owner=person, done=True)
    PredictionFactory(clip__owner=person, done=True, verdict="REAL", probability=0.1)
    files = {}
    for form in ("csv", "jsonl", "parquet"):
        target = io.BytesIO()
        assert client.export(target, form, verdict="FAKE") == target.tell() > 0
        files[form] = target.getvalue()
    assert len(files["csv"].splitlines()) == 1 + 3
    assert [json.loads(line)["verdict"] for line in files["jsonl"].splitlines()] == ["FAKE"] * 3
    assert files["parquet"][:4] == files["parquet"][-4:] == b"PAR1"


def test_training_is_asked_for_and_its_state_known(client, champion):
    assert client.retrain_status()["status"] == "idle"
    with pytest.raises(ApiError) as error:
        client.retrain(model_type="svm")
    assert (error.value.status, error.value.code) == (409, "too_few_samples")


def test_a_wrong_token_is_an_error(site):
    with Client(site, "vt_x_y") as stranger, pytest.raises(ApiError) as error:
        stranger.model_info()
    assert error.value.code == "invalid_token"


def test_the_service_is_described(client, champion):
    assert client.health()["status"] == "ok"
    assert client.model_info()["model_version"] == champion.name
    assert client.metrics()["model_version"] == champion.name


def test_labelled_clips_are_added(client, clip_file):
    client.add_samples({clip_file("real-prompt.wav"): "REAL", clip_file("fake-flite.wav"): "FAKE"})
    assert {sample["label"].upper() for sample in client.samples()} == {"REAL", "FAKE"}


def test_the_command_judges(site, token, champion, worker, clip_file, capsys, monkeypatch):
    monkeypatch.setenv("VOICETELL_URL", site)
    monkeypatch.setenv("VOICETELL_TOKEN", token)
    path = str(clip_file("fake-flite.wav"))
    assert main(["predict", path, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["filename"] == "fake-flite.wav"
    assert main(["history"]) == 0
    assert "fake-flite.wav" in capsys.readouterr().out
    assert main(["predict", "no-such-file.wav"]) == 2
    assert Prediction.objects.count() == 1
