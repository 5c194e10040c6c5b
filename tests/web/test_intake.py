"""Getting a clip in, with and without JavaScript, and being told why not."""

import json
import re
from collections.abc import Callable
from typing import Any

from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from detector.models import Batch, Prediction, Status
from detector.web.examples import examples
from tests.factories import PredictionFactory

Recording = Callable[..., SimpleUploadedFile]
HTMX = {"HX-Request": "true"}


def text_file(name: str = "notes.wav") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"only words, whatever the name says")


def test_one_clip_leads_to_its_verdict(browser: Client, recording: Recording) -> None:
    answer = browser.post("/clips/", {"files": recording()})

    prediction = Prediction.objects.get()
    assert answer["Location"] == f"/predictions/{prediction.pk}/"
    assert (prediction.status, prediction.clip.container) == (Status.QUEUED, "mp3")


def test_the_script_is_led_there_too(browser: Client, recording: Recording) -> None:
    answer = browser.post("/clips/", {"files": recording()}, headers=HTMX)

    assert answer.headers["HX-Redirect"] == f"/predictions/{Prediction.objects.get().pk}/"


def test_several_clips_become_a_batch_and_a_bad_one_harms_no_other(
    browser: Client, recording: Recording
) -> None:
    files = [recording("a.mp3"), text_file(), recording("b.mp3")]

    answer = browser.post("/clips/", {"files": files}, follow=True)

    batch = Batch.objects.get()
    assert answer.redirect_chain[-1][0] == f"/batches/{batch.pk}/"
    assert sorted(batch.predictions.values_list("clip__name", flat=True)) == ["a.mp3", "b.mp3"]
    assert "This is not an audio format that we read" in answer.text
    assert "notes.wav" in answer.text


def test_files_that_come_one_by_one_are_one_batch(browser: Client, recording: Recording) -> None:
    opened = browser.post("/batches/")
    assert opened.status_code == 201
    places = opened.json()
    batch = Batch.objects.get()
    assert not batch.is_complete

    assert browser.post(places["batch-add"], {"files": recording("a.mp3")}).status_code == 201
    refused = browser.post(places["batch-add"], {"files": text_file()}, headers=HTMX)
    assert refused.status_code == 422
    assert "not an audio format" in refused.text
    browser.post(places["batch-close"])

    batch.refresh_from_db()
    assert batch.is_complete
    assert [entry["filename"] for entry in batch.files] == ["a.mp3", "notes.wav"]
    page = browser.get(places["batch"]).text
    assert "a.mp3" in page
    assert "This is not an audio format that we read" in page


def test_a_batch_takes_no_more_than_it_may_hold_and_nothing_once_it_is_complete(
    browser: Client, recording: Recording, settings: Any
) -> None:
    settings.MAX_BATCH_FILES = 1
    places = browser.post("/batches/").json()
    browser.post(places["batch-add"], {"files": recording()})

    too_many = browser.post(places["batch-add"], {"files": recording()}, headers=HTMX)
    assert too_many.status_code == 413
    browser.post(places["batch-close"])
    assert browser.post(places["batch-add"], {"files": recording()}).status_code == 404
    assert Prediction.objects.count() == 1


def test_the_script_is_told_the_limits_that_the_server_checks(
    browser: Client, settings: Any
) -> None:
    settings.MAX_UPLOAD_BYTES, settings.MAX_BATCH_FILES = 12345, 7

    page = browser.get("/").text

    found = re.search(r'<script id="checks" type="application/json">(.*?)</script>', page)
    assert found is not None
    checks = json.loads(found[1])
    assert (checks["bytes"], checks["files"]) == (12345, 7)
    assert checks["problems"]["file_too_large"]["title"] == "The file is too large"


def test_a_refused_clip_is_named_with_the_reason_and_nothing_else_is_lost(
    browser: Client, owner: User
) -> None:
    PredictionFactory(clip__owner=owner, clip__name="earlier.wav", done=True)

    answer = browser.post("/clips/", {"files": text_file()})

    assert answer.status_code == 422
    assert "notes.wav" in answer.text
    assert "This is not an audio format that we read" in answer.text
    assert "earlier.wav" in answer.text


def test_the_script_gets_the_refusal_alone(browser: Client) -> None:
    answer = browser.post("/clips/", {"files": text_file()}, headers=HTMX)

    assert answer.status_code == 422
    assert "<html" not in answer.text
    assert 'role="alert"' in answer.text


def test_no_file_is_no_crash(browser: Client) -> None:
    assert "No file was chosen" in browser.post("/clips/", {}).text


def test_a_full_queue_is_told(browser: Client, recording: Recording, settings: Any) -> None:
    settings.MAX_QUEUED_PER_USER = 0

    answer = browser.post("/clips/", {"files": recording()})

    assert answer.status_code == 429
    assert "Too many clips are waiting" in answer.text


def test_too_many_files_at_once_get_a_page_that_helps(browser: Client) -> None:
    files = [text_file(f"{n}.wav") for n in range(django_settings.DATA_UPLOAD_MAX_NUMBER_FILES + 1)]

    answer = browser.post("/clips/", {"files": files})

    assert answer.status_code == 413
    assert "too much at once" in answer.text


def test_too_many_bytes_are_refused_before_they_are_received(
    browser: Client, recording: Recording, settings: Any
) -> None:
    settings.MAX_BATCH_BYTES = 1000

    answer = browser.post("/clips/", {"files": recording()})

    assert answer.status_code == 413
    assert "The batch is too large" in answer.text
    assert not Prediction.objects.exists()


def test_a_name_is_text_and_never_markup(browser: Client, recording: Recording) -> None:
    browser.post("/clips/", {"files": recording("<script>alert(1)</script>.mp3")})

    page = browser.get("/").text
    assert "<script>alert" not in page


def test_every_shipped_example_can_be_judged_and_its_name_tells_nothing(browser: Client) -> None:
    assert len(examples()) >= 4
    page = browser.get("/").text

    for example in examples():
        assert f'value="{example.key}"' in page
        assert example.path.name not in page
        answer = browser.post("/examples/", {"example": example.key})
        assert answer.status_code == 302
    for name in Prediction.objects.values_list("clip__name", flat=True):
        assert "real" not in name
        assert "fake" not in name


def test_an_example_that_does_not_exist(browser: Client) -> None:
    assert browser.post("/examples/", {"example": "../secret"}).status_code == 404


def test_the_form_of_another_site_sends_nothing(owner: User, recording: Recording) -> None:
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(owner)

    answer = careful.post("/clips/", {"files": recording()})

    assert answer.status_code == 403
    assert "out of date" in answer.text
    assert not Prediction.objects.exists()


def test_the_list_of_last_clips_answers_only_when_it_changed(browser: Client, owner: User) -> None:
    waiting = PredictionFactory(clip__owner=owner)
    shown = browser.get("/").context["fingerprint"]

    assert browser.get(f"/recent/?shown={shown}").status_code == 204
    Prediction.objects.filter(pk=waiting.pk).delete()
    PredictionFactory(clip__owner=owner, done=True)
    answer = browser.get(f"/recent/?shown={shown}")
    assert answer.status_code == 200
    assert "hx-trigger" not in answer.text, "nothing waits any more, so nothing asks again"
