"""Labelled clips as a curator adds and reviews them, in a browser."""

import pytest
from playwright.sync_api import expect

from accounts.models import AuditEvent
from tests.e2e.browser import drop, log_in
from tests.factories import PASSWORD, SampleFactory, UserFactory
from training.models import Sample

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def curator(transactional_db):
    return UserFactory(email="curator@example.org", role="curator")


@pytest.fixture
def page(site, curator, open_page):
    opened = open_page(site)
    log_in(opened, curator.email, PASSWORD)
    expect(opened.get_by_test_id("drop-zone")).to_be_visible()
    return opened


def test_dropped_clips_get_the_label_of_the_drop_or_one_of_their_own(page, clip_file):
    page.goto("/training/data/add/")
    drop(
        page,
        {
            "one.mp3": clip_file("fake-espeak.mp3").read_bytes(),
            "letter.wav": b"Dear sir",
            "two.wav": clip_file("real-prompt.wav").read_bytes(),
        },
    )
    rows = page.locator("[data-chosen] li")
    expect(rows).to_have_count(3)
    rows.nth(2).get_by_role("combobox").select_option("real")
    form = page.get_by_test_id("add")
    form.locator("input[name=label][value=fake]").check()
    form.locator("input[name=speaker]").fill("caller 7")
    form.get_by_role("button", name="Add", exact=True).click()

    expect(page.locator("[data-news]")).to_have_text("3 of 3 sent")
    expect(rows.nth(1)).to_contain_text("This is not an audio format that we read")
    expect(rows.nth(2).get_by_role("link")).to_have_text("two.wav")
    found = set(Sample.objects.values_list("name", "label", "speaker", "state"))
    assert found == {
        ("one.mp3", "fake", "caller 7", "waiting"),
        ("two.wav", "real", "caller 7", "waiting"),
    }


def test_the_queue_is_worked_through_by_keys_what_is_disputed_first(page, curator):
    plain = SampleFactory(name="plain.wav", label="real")
    disputed = SampleFactory(name="disputed.wav", label="fake", people_disagree=True)
    SampleFactory(name="last.wav", label="real")

    def at(name):
        expect(page.locator("#sample-name")).to_have_text(name)
        expect(page.locator("review-desk")).to_be_focused()  # its keys work from then on

    page.goto("/training/data/review/")
    at("disputed.wav")
    page.keyboard.press("h")
    page.keyboard.press("c")
    at("plain.wav")
    page.keyboard.press("x")
    at("last.wav")
    page.keyboard.press("n")
    expect(page.get_by_role("link", name="Start again")).to_be_visible()

    states = dict(Sample.objects.values_list("name", "state"))
    assert states == {"disputed.wav": "confirmed", "plain.wav": "excluded", "last.wav": "waiting"}
    assert Sample.objects.get(pk=disputed.pk).label == "real"
    decided = AuditEvent.objects.filter(actor=curator, action__startswith="sample.")
    assert {event.target for event in decided} == {str(disputed.pk), str(plain.pk)}
