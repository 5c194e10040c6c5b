"""What a result looks like: the same waveform, scores and spectrogram with and without scripts."""

import json
import re

from django.test import Client

from accounts.models import User
from detector.models import Prediction
from tests.factories import ClipPictureFactory, PredictionFactory, facts

SEGMENTS = [
    {"start": 0.0, "end": 3.0, "kind": "speech", "score": 2.6, "probability": 0.93},
    {"start": 1.0, "end": 4.0, "kind": "speech", "score": -2.0, "probability": 0.12},
    {"start": 2.0, "end": 5.0, "kind": "silence", "score": None, "probability": None},
]


def judged(owner: User, **clip: object) -> Prediction:
    prediction = PredictionFactory(
        clip__owner=owner, clip__facts=facts(duration=5.0, **clip), done=True, segments=SEGMENTS
    )
    ClipPictureFactory(clip=prediction.clip)
    return prediction


def page_of(browser: Client, prediction: Prediction) -> str:
    return browser.get(f"/predictions/{prediction.pk}/").text


def test_the_script_draws_what_the_page_shows(browser: Client, owner: User) -> None:
    page = page_of(browser, judged(owner))

    found = re.search(r'<script id="player-data" type="application/json">(.*?)</script>', page)
    assert found is not None
    data = json.loads(found[1])
    assert data["duration"] == 5.0
    assert data["peaks"] == [255, 128, 64, 0]
    assert [(part["left"], part["right"]) for part in data["segments"]] == [
        (0.0, 2.0),
        (2.0, 3.0),
        (3.0, 5.0),
    ]
    assert [part.get("zone") for part in data["segments"]] == ["fake", "real", None]
    assert data["segments"][0]["percent"] == "93 %"
    assert (data["segments"][1]["start"], data["segments"][1]["end"]) == (1.0, 4.0)


def test_without_scripts_there_is_the_waveform_the_scores_and_the_spectrogram(
    browser: Client, owner: User
) -> None:
    prediction = judged(owner)

    page = page_of(browser, prediction)

    assert '<path class="wave"' in page
    assert page.count('class="body"') == 2
    assert 'class="gap gap-silence"' in page
    address = f"/clips/{prediction.clip_id}/spectrogram/"
    assert f'src="{address}"' in page
    answer = browser.get(address)
    assert answer["Content-Type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")


def test_a_clip_judged_before_pictures_were_drawn_still_has_its_scores(
    browser: Client, owner: User
) -> None:
    prediction = PredictionFactory(clip__owner=owner, clip__facts=facts(), done=True)

    page = page_of(browser, prediction)

    assert 'data-testid="timeline"' in page
    assert "spectrogram/" not in page
    assert browser.get(f"/clips/{prediction.clip_id}/spectrogram/").status_code == 404


def test_what_no_browser_plays_is_shown_and_offered_to_download(
    browser: Client, owner: User
) -> None:
    page = page_of(browser, judged(owner, container="wav", codec="pcm_alaw"))

    assert '<path class="wave"' in page
    assert "player-data" not in page
    assert "Browsers do not play this format." in page
