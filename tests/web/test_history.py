"""The history: filters in the address, pages, and how many queries it takes."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from detector.models import Prediction
from detector.web.views import PAGE_SIZE
from tests.factories import PredictionFactory, facts


def names(answer: Any) -> list[str]:
    return [prediction.clip.name for prediction in answer.context["predictions"]]


@pytest.fixture
def three(owner: User) -> None:
    PredictionFactory(clip__owner=owner, clip__name="one.wav", done=True, verdict="FAKE")
    PredictionFactory(clip__owner=owner, clip__name="two.wav", done=True, verdict="REAL")
    PredictionFactory(clip__owner=owner, clip__name="three.wav", failed=True)


def test_the_newest_comes_first(three: None, browser: Client) -> None:
    assert names(browser.get("/history/")) == ["three.wav", "two.wav", "one.wav"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("name=T", ["three.wav", "two.wav"]),
        ("verdict=FAKE", ["one.wav"]),
        ("status=failed", ["three.wav"]),
        ("since=2999-01-01", []),
        ("until=2999-01-01&verdict=REAL", ["two.wav"]),
    ],
)
def test_filters_in_the_address(query: str, found: list[str], three: None, browser: Client) -> None:
    assert names(browser.get(f"/history/?{query}")) == found


@pytest.mark.parametrize(
    "query", ["since=abc", "verdict=MAYBE", "page=999", "page=x", "sha256=%00"]
)
def test_a_bad_address_is_no_crash(query: str, three: None, browser: Client) -> None:
    assert browser.get(f"/history/?{query}").status_code == 200


def test_empty_states_say_how_to_go_on(browser: Client, owner: User) -> None:
    assert "Nothing has been judged yet" in browser.get("/history/").text
    PredictionFactory(clip__owner=owner)
    assert "Nothing fits these filters" in browser.get("/history/?name=nowhere").text


def test_pages_keep_the_filters(browser: Client, owner: User) -> None:
    PredictionFactory.create_batch(PAGE_SIZE + 1, clip__owner=owner, done=True)

    first = browser.get("/history/?verdict=FAKE")

    assert len(names(first)) == PAGE_SIZE
    assert 'href="?verdict=FAKE&amp;page=2"' in first.text
    assert len(names(browser.get("/history/?verdict=FAKE&page=2"))) == 1


def test_the_script_gets_the_list_alone_and_only_when_it_changed(
    browser: Client, owner: User
) -> None:
    waiting = PredictionFactory(clip__owner=owner)
    htmx = {"HX-Request": "true"}
    shown = browser.get("/history/").context["fingerprint"]

    assert browser.get(f"/history/?shown={shown}", headers=htmx).status_code == 204
    Prediction.objects.filter(pk=waiting.pk).update(
        status="failed", error_code="empty_file", finished_at=waiting.created_at
    )
    answer = browser.get(f"/history/?shown={shown}", headers=htmx)
    assert "Not judged" in answer.text
    assert "<html" not in answer.text
    assert "hx-trigger" not in answer.text


@pytest.mark.parametrize("path", ["/", "/recent/", "/history/"])
def test_a_longer_list_takes_no_more_queries(
    path: str, browser: Client, owner: User, django_assert_num_queries: Any
) -> None:
    # The session, the person, the rows; and for pages their number.
    count = 4 if path == "/history/" else 3
    PredictionFactory.create_batch(2, clip__owner=owner, clip__facts=facts(), done=True)
    with django_assert_num_queries(count):
        browser.get(path)
    PredictionFactory.create_batch(20, clip__owner=owner, clip__facts=facts(), done=True)
    with django_assert_num_queries(count):
        browser.get(path)


def test_deleting_from_a_row_leads_back_to_it(three: None, browser: Client) -> None:
    clip = Prediction.objects.get(clip__name="two.wav").clip
    ask = f"/clips/{clip.pk}/delete/?next=/history/%3Fname%3Dt"

    assert "This cannot be undone" in browser.get(ask).text
    answer = browser.post(f"/clips/{clip.pk}/delete/", {"next": "/history/?name=t"}, follow=True)

    assert answer.redirect_chain[-1][0] == "/history/?name=t"
    assert names(answer) == ["three.wav"]
    assert "two.wav” and its audio are deleted" in answer.text


def test_deleting_leads_to_no_other_site(three: None, browser: Client) -> None:
    clip = Prediction.objects.get(clip__name="two.wav").clip

    answer = browser.post(f"/clips/{clip.pk}/delete/", {"next": "//evil.example/"})

    assert answer["Location"] == "/history/"
