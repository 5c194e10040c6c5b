"""Finding clips again and working with many, as a person does it in a browser."""

import csv
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from playwright.sync_api import expect

from accounts.models import Role
from detector.models import Clip, Prediction, PredictionOrigin
from tests.factories import PredictionFactory
from training.models import Sample, SampleState

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("scripts", [True, False]),
]


@pytest.fixture
def history(owner, window, scripts):
    """The history with four clips, with and without scripts."""
    for name, probability in (("a.wav", 0.95), ("b.wav", 0.9), ("c.wav", 0.1), ("call d.wav", 0.2)):
        PredictionFactory(
            clip__owner=owner,
            clip__name=name,
            done=True,
            verdict="FAKE" if probability > 0.5 else "REAL",
            probability=probability,
        )
    page = window(owner, scripts=scripts)
    page.goto("/history/")
    expect(page.get_by_test_id("row")).to_have_count(4)
    return page


def names(path):
    """The clips that a table names."""
    with Path(path).open(newline="") as file:
        return sorted(row["filename"] for row in csv.DictReader(file))


def test_what_is_looked_for_is_in_the_address_and_can_be_kept(history, scripts):
    history.get_by_label("Verdict", exact=True).select_option("FAKE")
    history.get_by_label("Order").select_option("most")
    if not scripts:  # with them it happens as one chooses
        history.get_by_role("button", name="Filter", exact=True).click()

    expect(history.get_by_test_id("row")).to_have_count(2)
    expect(history.get_by_test_id("row").first).to_contain_text("a.wav")
    history.wait_for_url("**verdict=FAKE**")
    history.get_by_label("Keep these filters as").fill("suspects")
    history.get_by_role("button", name="Keep", exact=True).click()
    history.goto("/history/")
    expect(history.get_by_test_id("row")).to_have_count(4)
    history.get_by_test_id("kept-filters").get_by_role("link", name="suspects").click()

    expect(history.get_by_test_id("row")).to_have_count(2)


def test_clips_are_exported_all_that_fit_or_those_selected(history):
    history.goto("/history/?verdict=REAL")
    with history.expect_download() as all_that_fit:
        history.get_by_role("link", name="Export all as CSV").click()
    assert names(all_that_fit.value.path()) == ["c.wav", "call d.wav"]

    history.goto("/history/")
    for name in ("a.wav", "c.wav"):
        history.get_by_label(f"Select {name}").check()
    with history.expect_download() as selected:
        history.get_by_test_id("selection").get_by_role("button", name="Export").click()
    assert names(selected.value.path()) == ["a.wav", "c.wav"]


def test_selected_clips_are_deleted_after_one_question(history):
    for name in ("a.wav", "c.wav"):
        history.get_by_label(f"Select {name}").check()
    history.get_by_test_id("selection").get_by_role("button", name="Delete").click()
    assert Clip.objects.filter(deleted_at=None).count() == 4
    history.locator("[name=sure]").click()

    expect(history.get_by_test_id("row")).to_have_count(2)
    assert Clip.objects.filter(deleted_at=None).count() == 2


def test_selected_clips_are_judged_again_by_the_champion(champion, history):
    for name in ("a.wav", "c.wav"):
        history.get_by_label(f"Select {name}").check()
    history.get_by_test_id("selection").get_by_role("button", name="Judge again").click()

    expect(history.get_by_text("2 clips are judged again.")).to_be_visible()
    again = Prediction.objects.filter(origin=PredictionOrigin.REJUDGE)
    assert sorted(prediction.clip.name for prediction in again) == ["a.wav", "c.wav"]
    for name in ("a.wav", "c.wav"):
        expect(history.get_by_test_id("row").filter(has_text=name)).to_have_count(2)


@pytest.fixture
def heard(clip_file):
    """Give clips of the history sound that can be learned from."""
    for name, sound in (("a.wav", "fake-espeak.mp3"), ("c.wav", "fake-flite.wav")):
        audio = ContentFile(clip_file(sound).read_bytes(), name=sound)
        Clip.objects.get(name=name).audio.save(sound, audio)


def test_selected_clips_are_added_to_training_by_who_may(owner, history, heard):
    choices = history.get_by_test_id("selection").get_by_role("button", name="Add to training")
    expect(choices).to_have_count(0)  # an analyst labels nothing
    owner.role = Role.CURATOR
    owner.save(update_fields=["role"])  # the log-in has hashed the password anew
    history.reload()
    for name in ("a.wav", "c.wav"):
        history.get_by_label(f"Select {name}").check()
    choices.filter(has_text="as fake").click()

    expect(history.get_by_text("2 clips wait for review.")).to_be_visible()
    kept = Sample.objects.values_list("name", "label", "state").order_by("name")
    assert [*kept] == [
        ("a.wav", "fake", SampleState.WAITING),
        ("c.wav", "fake", SampleState.WAITING),
    ]
