"""The page of one prediction, in every state."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Team, User
from detector.messages import PROBLEMS
from detector.models import Prediction
from tests.factories import PredictionFactory, facts


def page_of(prediction: Prediction) -> str:
    return f"/predictions/{prediction.pk}/"


@pytest.mark.parametrize(
    ("verdict", "probability", "words"),
    [
        ("FAKE", 0.93, "Synthetic voice"),
        ("REAL", 0.04, "Human voice"),
        ("INCONCLUSIVE", 0.5, "Inconclusive"),
    ],
)
def test_a_verdict_is_told_with_all_that_it_rests_on(
    verdict: str, probability: float, words: str, browser: Client, owner: User
) -> None:
    prediction = PredictionFactory(
        clip__owner=owner, clip__facts=facts(), done=True, verdict=verdict, probability=probability
    )

    page = browser.get(page_of(prediction)).text

    assert words in page
    assert f">{verdict}<" in page
    assert f"about {round(100 * probability)}<" in page
    assert prediction.clip.sha256 in page
    assert prediction.model_version.name in page
    for threshold in ("70 %", "30 %"):
        assert threshold in page
    assert "The evidence for a synthetic voice is above the threshold." in page
    assert 'data-testid="timeline"' in page


def test_no_certainty_is_claimed(browser: Client, owner: User) -> None:
    prediction = PredictionFactory(
        clip__owner=owner, clip__facts=facts(), done=True, probability=0.99999
    )

    page = browser.get(page_of(prediction)).text

    assert "&gt; 99.9 %" in page
    assert "more than 99" in page


def test_it_says_until_when_a_clip_is_kept(browser: Client, owner: User, settings: Any) -> None:
    sent = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    lasting = PredictionFactory(clip__owner=owner, clip__created_at=sent, done=True)
    assert "Deletes itself" not in browser.get(page_of(lasting)).text

    settings.RETENTION_DAYS = 30
    assert "31 Mar 2026, 09:30" in browser.get(page_of(lasting)).text

    lasting.clip.expires_at = sent + timedelta(days=2)
    lasting.clip.save()
    assert "3 Mar 2026, 09:30" in browser.get(page_of(lasting)).text

    owner.team = Team.objects.create(name="Desk", retention_days=1)
    owner.save()
    assert "2 Mar 2026, 09:30" in browser.get(page_of(lasting)).text


def test_it_says_that_a_recording_was_not_kept(browser: Client, owner: User) -> None:
    prediction = PredictionFactory(
        clip__owner=owner, clip__keep_audio=False, clip__audio="", done=True
    )

    page = browser.get(page_of(prediction)).text

    assert "not kept after the verdict" in page
    assert "The recording was not kept." in page
    assert "Download the clip" not in page


def test_a_clip_without_speech_gets_no_probability(browser: Client, owner: User) -> None:
    prediction = PredictionFactory(
        clip__owner=owner,
        clip__facts=facts(),
        done=True,
        verdict="INCONCLUSIVE",
        probability=None,
        score=None,
        segments=[
            {"start": 0.0, "end": 3.0, "kind": "silence", "score": None, "probability": None}
        ],
        reasons=[{"code": "no_speech", "weight": None, "params": {}}],
    )

    page = browser.get(page_of(prediction)).text

    assert "No speech was found in the clip." in page
    assert "probability of a synthetic voice" not in page
    assert "silence" in page


def test_a_reason_of_a_newer_worker_is_still_told(browser: Client, owner: User) -> None:
    prediction = PredictionFactory(
        clip__owner=owner,
        done=True,
        reasons=[{"code": "something_new", "weight": -1.25, "params": {"found": 3}}],
    )

    assert "something new" in browser.get(page_of(prediction)).text


@pytest.mark.parametrize("code", sorted(PROBLEMS))
def test_a_clip_that_was_not_judged_says_why_and_what_to_do(
    code: str, browser: Client, owner: User
) -> None:
    prediction = PredictionFactory(clip__owner=owner, failed=True, error_code=code)

    answer = browser.get(page_of(prediction))

    assert PROBLEMS[code].title.partition("'")[0] in answer.text
    assert "No verdict was given." in answer.text
    assert "hx-trigger" not in answer.text


@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_page_that_waits_asks_again_and_without_scripts_loads_again(
    state: str, browser: Client, owner: User
) -> None:
    prediction = PredictionFactory(
        clip__owner=owner, **({"running": True} if state == "running" else {})
    )

    page = browser.get(page_of(prediction)).text

    assert f'hx-get="{page_of(prediction)}live/?shown={state}"' in page
    assert 'http-equiv="refresh"' in page
    assert browser.get(f"{page_of(prediction)}live/?shown={state}").status_code == 204


def test_the_verdict_arrives_and_the_asking_ends(browser: Client, owner: User) -> None:
    prediction = PredictionFactory(clip__owner=owner, done=True)

    answer = browser.get(f"{page_of(prediction)}live/?shown=running")

    assert "Synthetic voice" in answer.text
    assert "<html" not in answer.text
    assert "hx-trigger" not in answer.text
    assert 'hx-swap-oob="innerHTML"' in answer.text, "read out by a screen reader"


def test_no_page_breaks_its_own_security_policy(browser: Client, owner: User) -> None:
    prediction = PredictionFactory(clip__owner=owner, clip__facts=facts(), done=True)
    for path in ("/", "/history/", page_of(prediction)):
        answer = browser.get(path)
        policy = answer["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert " style=" not in answer.text
        assert "<style" not in answer.text
        assert " onclick=" not in answer.text
        assert "https://" not in answer.text, "nothing is loaded from another host"
