"""A recording that was judged before: recognised, and judged again on request."""

import hashlib
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import AuditEvent, User
from detector.models import Batch, Clip, Prediction, PredictionOrigin
from tests.factories import ModelVersionFactory, PredictionFactory
from training.models import ModelVersion
from training.services import promote

Recording = Callable[..., SimpleUploadedFile]


@pytest.fixture
def version(db: None) -> ModelVersion:
    """The champion."""
    made = ModelVersionFactory(name="in-use")
    promote(version=made)
    return made


@pytest.fixture
def earlier(owner: User, version: ModelVersion, recording: Recording) -> Prediction:
    """The recording's verdict by the champion."""
    sha256 = hashlib.sha256(recording().read()).hexdigest()
    return PredictionFactory(
        clip__owner=owner, clip__sha256=sha256, done=True, model_version=version
    )


def test_the_same_bytes_lead_to_the_verdict_that_there_is(
    earlier: Prediction, browser: Client, recording: Recording
) -> None:
    answer = browser.post("/clips/", {"files": recording("other-name.mp3")}, follow=True)

    assert answer.redirect_chain[-1][0] == f"/predictions/{earlier.pk}/?known"
    assert "This recording was judged before." in answer.text
    assert "Judge it again" in answer.text
    assert Clip.objects.count() == 1


def test_a_new_champion_judges_it_anew_and_the_page_shows_both(
    earlier: Prediction, browser: Client, recording: Recording
) -> None:
    promote(version=ModelVersionFactory())

    browser.post("/clips/", {"files": recording()})

    newer = Prediction.objects.exclude(pk=earlier.pk).get()
    page = browser.get(f"/predictions/{newer.pk}/").text
    assert "This recording was judged before." not in page


def test_a_batch_recognises_it_too_and_shows_the_verdict_that_there_is(
    earlier: Prediction, browser: Client, recording: Recording
) -> None:
    other = SimpleUploadedFile("other.wav", b"RIFF0000WAVEfmt " + bytes(40))
    page = browser.post("/clips/", {"files": [recording("again.mp3"), other]}, follow=True).text

    assert "1 recording was judged before" in page
    assert f"/predictions/{earlier.pk}/" in page
    assert page.count('data-testid="row"') == 2
    assert Prediction.objects.count() == 2
    assert Batch.objects.get().files[0]["prediction"] == str(earlier.pk)


def test_what_another_person_sent_is_no_business_of_mine(
    earlier: Prediction, stranger: User, client_of: Callable[[User], Client], recording: Recording
) -> None:
    answer = client_of(stranger).post("/clips/", {"files": recording()})

    assert "known" not in answer["Location"]
    assert Prediction.objects.filter(owner=stranger).count() == 1


def test_judging_again_keeps_the_earlier_verdict_beside_the_new_one(
    earlier: Prediction, browser: Client, owner: User
) -> None:
    other = ModelVersionFactory(name="newer")

    form = browser.get(f"/predictions/{earlier.pk}/rejudge/")
    answer = browser.post(f"/predictions/{earlier.pk}/rejudge/", {"version": other.name})

    assert "in-use, in use" in form.text
    again = Prediction.objects.exclude(pk=earlier.pk).get()
    assert answer["Location"] == f"/predictions/{again.pk}/"
    assert (again.clip, again.requested_version) == (earlier.clip, other)
    assert again.origin == PredictionOrigin.REJUDGE
    assert AuditEvent.objects.get(action="prediction.rejudged").actor == owner
    earlier.refresh_from_db()
    assert earlier.verdict == "FAKE"


def test_the_page_lists_what_else_was_said_of_the_recording(
    earlier: Prediction, browser: Client
) -> None:
    again = PredictionFactory(clip=earlier.clip, done=True, verdict="REAL", probability=0.1)

    page = browser.get(f"/predictions/{again.pk}/").text

    assert "Other verdicts on this recording" in page
    assert f'href="/predictions/{earlier.pk}/"' in page
    assert "in-use" in page


def test_without_its_audio_a_clip_cannot_be_judged_again_and_says_so(
    earlier: Prediction, browser: Client
) -> None:
    Clip.objects.update(audio="")

    answer = browser.post(f"/predictions/{earlier.pk}/rejudge/", {"version": "in-use"}, follow=True)

    assert Prediction.objects.count() == 1
    assert "could not be read" in answer.text
    assert "/rejudge/" not in browser.get(f"/predictions/{earlier.pk}/").text


def test_only_a_version_that_exists_can_be_chosen(earlier: Prediction, browser: Client) -> None:
    answer = browser.post(f"/predictions/{earlier.pk}/rejudge/", {"version": "../secret"})

    assert answer.status_code == 200
    assert Prediction.objects.count() == 1
