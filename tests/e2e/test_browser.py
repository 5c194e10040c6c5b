"""What a person does on the site, in a real browser, against real processes."""

import pytest
from playwright.sync_api import expect

from detector.models import Clip
from tests.e2e.browser import choose_file, in_each, log_in, wait_for_verdict
from tests.factories import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@in_each
def test_log_in_upload_verdict_history_delete(site, worker, champion, owner, open_page, clip_file):
    page = open_page(site)
    log_in(page, owner.email, PASSWORD)
    loads = []
    choose_file(page, clip_file("real-librivox.mp3"))
    page.wait_for_url("**/predictions/**")
    page.on("load", lambda _: loads.append(page.url))

    verdict = wait_for_verdict(page)
    assert loads == [], "the verdict came without loading the page again"
    expect(page.get_by_test_id("clip-name")).to_have_text("real-librivox.mp3")
    expect(page.get_by_test_id("reasons").locator("li").first).to_be_visible()
    expect(page.get_by_test_id("run-facts")).to_contain_text(champion.name)
    expect(page.get_by_test_id("sha256")).to_have_text(Clip.objects.get().sha256)

    page.get_by_role("link", name="History").first.click()
    row = page.get_by_test_id("row")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("real-librivox.mp3")
    expect(row.get_by_test_id("badge")).to_have_attribute("data-verdict", verdict)

    row.get_by_test_id("delete").click()
    page.get_by_test_id("delete-confirm").click()
    expect(page.get_by_test_id("message")).to_contain_text("deleted")
    expect(page.get_by_test_id("row")).to_have_count(0)
    clip = Clip.objects.get()
    assert clip.deleted_at
    assert not clip.audio


def test_a_bad_file_is_refused_on_the_spot_with_what_to_do(site, owner, open_page, tmp_path):
    letter = tmp_path / "letter.wav"
    letter.write_text("Dear sir, please find attached the recording.")
    page = open_page(site)
    log_in(page, owner.email, PASSWORD)

    choose_file(page, letter)

    refused = page.get_by_test_id("refused")
    expect(refused).to_contain_text("letter.wav")
    expect(refused).to_contain_text("not an audio format")
    expect(refused).to_contain_text("Send WAV")
    assert not Clip.objects.exists()


def test_a_damaged_file_ends_with_its_problem_in_words(
    site, worker, champion, owner, open_page, clip_file, tmp_path
):
    damaged = tmp_path / "damaged.flac"
    damaged.write_bytes(clip_file("fake-hibari.flac").read_bytes()[:60] + bytes(2000))
    page = open_page(site)
    log_in(page, owner.email, PASSWORD)

    choose_file(page, damaged)

    failed = page.get_by_test_id("failed")
    expect(failed).to_be_visible()
    expect(failed).to_contain_text("No verdict was given")


def test_without_scripts_the_same_way_leads_to_the_verdict(
    site, worker, champion, owner, open_page, clip_file
):
    page = open_page(site, java_script_enabled=False)
    log_in(page, owner.email, PASSWORD)

    choose_file(page, clip_file("fake-flite.wav"))
    page.get_by_test_id("drop-zone").get_by_role("button", name="Judge").click()

    wait_for_verdict(page)  # the page loads itself again until it is there
    page.get_by_test_id("more").click()
    page.get_by_test_id("delete").click()
    page.get_by_test_id("delete-confirm").click()
    expect(page.get_by_test_id("message")).to_contain_text("deleted")


def test_a_wrong_password_says_so_and_lets_nobody_in(site, owner, open_page):
    page = open_page(site)

    log_in(page, owner.email, "not the password")

    expect(page.get_by_role("alert")).to_be_visible()
    page.goto("/history/")
    expect(page.get_by_test_id("login")).to_be_visible()
