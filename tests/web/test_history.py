"""The history: filters in the address, pages, and how many queries it takes."""

import csv
import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Role, User
from detector.models import Batch, Prediction, SavedFilter
from detector.web.history import PAGE_SIZE
from tests.factories import PredictionFactory, UserFactory, facts
from training.models import ModelVersion, Sample


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
    "query", ["since=abc", "verdict=MAYBE", "cursor=999", "cursor=%00", "sort=x", "sha256=%00"]
)
def test_a_bad_address_is_no_crash(query: str, three: None, browser: Client) -> None:
    assert browser.get(f"/history/?{query}").status_code == 200


def test_empty_states_say_how_to_go_on(browser: Client, owner: User) -> None:
    assert "Nothing has been judged yet" in browser.get("/history/").text
    PredictionFactory(clip__owner=owner)
    assert "Nothing fits these filters" in browser.get("/history/?name=nowhere").text


def follow(answer: Any, rel: str) -> str:
    found = re.search(rf'rel="{rel}"\s+href="([^"]+)"', answer.text)
    assert found, f"no way {rel}"
    return "/history/" + found[1].replace("&amp;", "&")


def test_pages_keep_filters_and_order_and_lose_no_row(browser: Client, owner: User) -> None:
    rows = PredictionFactory.create_batch(2 * PAGE_SIZE + 1, clip__owner=owner, done=True)
    PredictionFactory(clip__owner=owner, failed=True)

    seen: list[str] = []
    answer = browser.get("/history/?verdict=FAKE&sort=oldest")
    for size in (PAGE_SIZE, PAGE_SIZE, 1):
        assert len(names(answer)) == size
        seen += names(answer)
        if size > 1:
            answer = browser.get(follow(answer, "next"))
    assert seen == [row.clip.name for row in rows]
    assert names(browser.get(follow(answer, "prev"))) == seen[PAGE_SIZE : 2 * PAGE_SIZE]


def test_what_arrives_meanwhile_shifts_no_page(browser: Client, owner: User) -> None:
    PredictionFactory.create_batch(PAGE_SIZE + 3, clip__owner=owner, done=True)
    first = browser.get("/history/")
    PredictionFactory.create_batch(5, clip__owner=owner, done=True)

    second = browser.get(follow(first, "next"))

    assert len(names(second)) == 3
    assert not set(names(first)) & set(names(second))


def test_sorted_by_probability_only_what_was_judged_is_there(three: None, browser: Client) -> None:
    Prediction.objects.filter(clip__name="two.wav").update(probability=0.1)
    assert names(browser.get("/history/?sort=most")) == ["one.wav", "two.wav"]
    assert names(browser.get("/history/?sort=least")) == ["two.wav", "one.wav"]


def test_a_filter_is_kept_used_and_removed(three: None, browser: Client) -> None:
    browser.post("/history/filters/", {"name": "Fakes", "query": "verdict=FAKE&name=&cursor=x"})
    page = browser.get("/history/")
    kept = page.context["filters"].get()
    assert (kept.name, kept.query) == ("Fakes", "verdict=FAKE")
    assert names(browser.get(f"/history/?{kept.query}")) == ["one.wav"]

    browser.post(f"/history/filters/{kept.pk}/delete/")
    assert not browser.get("/history/").context["filters"]


def test_a_strangers_filter_is_not_there(three: None, browser: Client, stranger: User) -> None:
    kept = SavedFilter.objects.create(owner=stranger, name="x", query="verdict=FAKE")
    assert browser.post(f"/history/filters/{kept.pk}/delete/").status_code == 404


def chosen(*clips: str) -> list[str]:
    return [
        str(pk)
        for pk in Prediction.objects.filter(clip__name__in=clips).values_list("pk", flat=True)
    ]


def test_selected_clips_are_deleted_after_one_question(three: None, browser: Client) -> None:
    ids = chosen("one.wav", "two.wav")
    ask = browser.post("/history/selected/", {"id": ids, "action": "delete"})
    assert "Delete these 2 clips?" in ask.text
    assert len(names(browser.get("/history/"))) == 3

    browser.post("/history/selected/", {"id": ids, "action": "delete", "sure": "1"})
    assert names(browser.get("/history/")) == ["three.wav"]


def test_selected_clips_are_judged_again_beside_the_old_verdict(
    three: None, browser: Client, champion: ModelVersion
) -> None:
    browser.post("/history/selected/", {"id": chosen("one.wav"), "action": "rejudge"})
    again = Prediction.objects.filter(clip__name="one.wav").order_by("created_at")
    assert [(row.origin, row.status) for row in again] == [
        ("upload", "done"),
        ("rejudge", "queued"),
    ]


def test_selected_clips_or_all_that_fit_are_exported(three: None, browser: Client) -> None:
    ids = chosen("one.wav", "three.wav")
    answer = browser.post("/history/selected/", {"id": ids, "action": "export"})
    assert files(answer) == ["three.wav", "one.wav"]

    page = browser.get("/history/?verdict=FAKE&sort=oldest").text
    found = re.search(r'href="([^"]*export[^"]*)"', page)
    assert found
    assert files(browser.get(html.unescape(found[1]))) == ["one.wav"]


def files(answer: Any) -> list[str]:
    assert "attachment" in answer["Content-Disposition"]
    return [row["filename"] for row in csv.DictReader(answer.getvalue().decode().splitlines())]


def test_a_curator_adds_selected_clips_to_training_and_an_analyst_does_not(
    owner: User, browser: Client, recording: Any
) -> None:
    browser.post("/clips/", {"files": recording()})
    ids = [str(Prediction.objects.get().pk)]
    browser.post("/history/selected/", {"id": ids, "action": "train-real"})
    assert not Sample.objects.exists()

    owner.role = Role.CURATOR
    owner.save()
    browser.post("/history/selected/", {"id": ids, "action": "train-real"})
    assert Sample.objects.get().label == "real"


@pytest.mark.parametrize("action", ["delete", "rejudge", "export", "train-fake"])
def test_nothing_is_done_with_clips_of_others(
    action: str, three: None, client_of: Callable[[User], Client]
) -> None:
    somebody = UserFactory(role=Role.CURATOR)
    answer = client_of(somebody).post(
        "/history/selected/", {"id": chosen("one.wav"), "action": action, "sure": "1"}, follow=True
    )
    assert "Select clips of yours first" in answer.text
    assert Prediction.objects.count() == 3


def test_batches_are_listed_with_their_verdicts(browser: Client, owner: User) -> None:
    empty = Batch.objects.create(owner=owner)
    batch = Batch.objects.create(owner=owner, files=[{"filename": "a"}, {"filename": "b"}])
    PredictionFactory(clip__owner=owner, batch=batch, done=True)
    PredictionFactory(clip__owner=owner, batch=batch)
    PredictionFactory(clip__owner=owner, batch=batch, done=True, clip__deleted_at=timezone.now())
    (row, counts), (other, none) = browser.get("/history/batches/").context["rows"]
    assert (row, len(row.files)) == (batch, 2)
    assert (counts["fake"], counts["real"], counts["open"]) == (1, 0, 1)
    assert (other, none) == (empty, {})


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
    # The session, the person, the rows; in the history their number and the kept filters.
    count = 5 if path == "/history/" else 3
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
