"""Getting clips in and looking at what was said of them, as a person does it in a browser."""

import pytest
from django.core.files.base import ContentFile
from playwright.sync_api import expect

from detector.engine.decode import Decoder
from detector.models import Batch, Clip, Prediction
from tests.e2e.browser import drop, in_each, log_in, wait_for_verdict
from tests.e2e.processes import wait_for
from tests.factories import PASSWORD, ClipPictureFactory, PredictionFactory, facts
from training.models import SampleOpinion, SampleState

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SEGMENTS = [
    {"start": 0.0, "end": 3.0, "kind": "speech", "score": 2.6, "probability": 0.93},
    {"start": 3.0, "end": 6.0, "kind": "speech", "score": 0.0, "probability": 0.5},
    {"start": 6.0, "end": 9.0, "kind": "speech", "score": -2.0, "probability": 0.12},
    {"start": 7.295, "end": 10.295, "kind": "silence", "score": None, "probability": None},
]
"""Of `fake-flite.wav`, which lasts 10.295 s."""


def judged(owner, audio):
    """A prediction whose segments the tests know; the sound is real."""
    prediction = PredictionFactory(
        clip__owner=owner,
        clip__facts=facts(duration=10.295),
        clip__audio=ContentFile(audio, name="clip.wav"),
        clip__size=len(audio),
        done=True,
        segments=SEGMENTS,
    )
    ClipPictureFactory(clip=prediction.clip)
    return prediction


@pytest.fixture
def page(owner, window):
    """The first page, logged in."""
    return window(owner)


@in_each
@pytest.mark.parametrize("event", ["drop", "paste"])
def test_a_clip_dropped_anywhere_or_pasted_is_judged(page, clip_file, event):
    drop(page, {"voice.wav": clip_file("fake-flite.wav").read_bytes()}, event)

    page.wait_for_url("**/predictions/**")
    expect(page.get_by_test_id("clip-name")).to_have_text("voice.wav")


def test_many_at_once_each_with_its_progress_and_the_bad_one_harms_no_other(page, clip_file):
    good = clip_file("fake-flite.wav").read_bytes()
    page.evaluate(
        """() => new MutationObserver(() => {
          const rows = document.querySelectorAll("[data-testid=sending-row] progress");
          if (rows.length) sessionStorage.setItem("rows", rows.length);
        }).observe(document.body, { childList: true, subtree: true })"""
    )

    drop(page, {"a.wav": good, "letter.wav": b"Dear sir", "b.wav": good, "none.wav": b""})

    page.wait_for_url("**/batches/**")
    assert page.evaluate("sessionStorage.getItem('rows')") == "4"
    expect(page.get_by_test_id("row")).to_have_count(2)
    expect(page.get_by_test_id("refused-list")).to_contain_text("letter.wav")
    batch = Batch.objects.get()
    assert batch.is_complete
    assert Prediction.objects.filter(batch=batch).count() == 2


def test_what_is_too_large_is_refused_before_it_is_sent(page):
    posts = []
    page.on("request", lambda request: posts.append(request.url) if request.post_data else None)
    page.evaluate("document.querySelector('drop-zone').checks.bytes = 1000")

    drop(page, {"big.wav": bytes(2000)})

    expect(page.get_by_test_id("refused")).to_contain_text("The file is too large")
    expect(page.get_by_test_id("refused")).to_contain_text("big.wav")
    assert posts == []
    assert not Clip.objects.exists()


def test_an_answer_that_is_not_the_sites_own_is_said_and_the_clip_can_be_sent_again(
    page, clip_file
):
    page.route("**/clips/", lambda route: route.fulfill(status=502, body="<h1>Bad Gateway</h1>"))

    drop(page, {"voice.wav": clip_file("fake-flite.wav").read_bytes()})

    expect(page.get_by_test_id("refused")).to_contain_text("The clip could not be sent")
    page.unroute_all()
    drop(page, {"voice.wav": clip_file("fake-flite.wav").read_bytes()})
    page.wait_for_url("**/predictions/**")


@in_each
def test_the_microphone_is_recorded_heard_and_sent(page):
    page.get_by_test_id("record").click()
    expect(page.get_by_test_id("recorder-state")).to_contain_text("Starts in")
    expect(page.get_by_test_id("recorder-state")).to_contain_text("left")
    wait_for(lambda: page.evaluate("document.querySelector('meter').value") > 0.2, "a level")
    page.wait_for_timeout(3000)  # a recording takes the time that it takes
    page.get_by_test_id("record-stop").click()
    expect(page.get_by_test_id("record-preview")).to_be_visible()
    page.get_by_test_id("record-preview").evaluate("audio => audio.play()")
    assert not Clip.objects.exists(), "nothing is sent before one has listened"
    page.get_by_test_id("record-send").click()

    page.wait_for_url("**/predictions/**")
    clip = Clip.objects.get()
    assert clip.container == "webm"
    assert clip.name.startswith("Recording ")
    with clip.audio.open("rb") as sound:
        audio = Decoder(cpu_seconds=60, wall_seconds=60).decode(sound, max_seconds=600)
    assert audio.facts.codec == "opus"
    assert audio.facts.duration > 1
    assert abs(audio.samples).max() > 0.05, "it holds what the microphone heard"


@in_each
def test_a_result_plays_zooms_and_takes_keys(site, owner, open_page, clip_file):
    prediction = judged(owner, clip_file("fake-flite.wav").read_bytes())
    page = open_page(site)
    problems = []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    log_in(page, owner.email, PASSWORD)
    page.goto(f"/predictions/{prediction.pk}/")
    plot = page.get_by_test_id("timeline")
    place = "document.querySelector('audio').currentTime"
    paused = "document.querySelector('audio').paused"
    expect(plot).to_have_class("plot is-live")

    plot.focus()
    for key, where in (("End", 10.3), ("Home", 0.0), ("ArrowRight", 1.0), ("PageUp", 10.3)):
        plot.press(key)
        expect(plot).to_have_attribute("aria-valuenow", f"{where:.1f}")
    for key in ["Home", *["ArrowRight"] * 8]:  # faster than the player can seek: none is lost
        page.keyboard.press(key)
    wait_for(lambda: page.evaluate(f"{place} === 8"), "the place after eight seconds")
    plot.press("+")
    expect(plot).to_have_attribute("data-zoom", "2.0")
    plot.press("0")
    expect(plot).to_have_attribute("data-zoom", "1.0")

    box = plot.bounding_box()
    plot.click(position={"x": box["width"] * 0.55, "y": 150})  # the second segment: 3 to 6 s
    wait_for(lambda: page.evaluate(f"{place} > 3.05 && !{paused}"), "the second segment")
    expect(page.get_by_test_id("now")).to_contain_text("synthetic")
    page.get_by_test_id("play").click()
    wait_for(lambda: page.evaluate(paused), "the pause")
    plot.click(position={"x": box["width"] * 0.5, "y": 240})  # the spectrogram
    wait_for(lambda: page.evaluate(f"Math.abs({place} - 5.15) < 0.2"), "the place")
    assert problems == []


def test_without_scripts_the_result_shows_the_same_and_can_be_shared_and_judged_again(
    site, champion, owner, open_page, clip_file
):
    prediction = judged(owner, clip_file("fake-flite.wav").read_bytes())
    page = open_page(site, java_script_enabled=False)
    log_in(page, owner.email, PASSWORD)
    page.goto(f"/predictions/{prediction.pk}/")

    expect(page.locator("path.wave")).to_have_count(1)
    expect(page.locator("[data-spectrogram]")).to_be_visible()
    expect(page.locator("audio")).to_be_visible()
    expect(page.locator(".columns g")).to_have_count(3)

    page.get_by_test_id("share").click()
    page.get_by_test_id("share-form").get_by_role("button").click()
    address = page.get_by_test_id("share-link").inner_text()
    page.goto(address)
    expect(page.get_by_test_id("shared")).to_contain_text("Synthetic voice")

    page.goto(f"/predictions/{prediction.pk}/")
    page.get_by_test_id("rejudge").click()
    page.get_by_test_id("rejudge-form").get_by_role("button").click()
    expect(page.get_by_test_id("waiting")).to_be_visible()
    assert Prediction.objects.filter(clip=prediction.clip).count() == 2


@pytest.mark.parametrize("scripts", [True, False])
def test_a_wrong_verdict_is_reported_with_a_note(owner, window, clip_file, scripts):
    prediction = judged(owner, clip_file("fake-flite.wav").read_bytes())
    page = window(owner, scripts=scripts)
    page.goto(f"/predictions/{prediction.pk}/")
    page.get_by_test_id("feedback-link").get_by_role("link").click()
    form = page.get_by_test_id("feedback")
    form.get_by_label("How do you know?").fill("I was in the room.")
    form.get_by_role("button", name="Send").click()

    expect(page.get_by_text("The clip waits for somebody to confirm what it is.")).to_be_visible()
    expect(page.get_by_test_id("clip-name")).to_have_text(prediction.clip.name)
    opinion = SampleOpinion.objects.get(sample__prediction=prediction)
    assert (opinion.person, opinion.label) == (owner, "real")  # for the verdict was FAKE
    assert opinion.note == "I was in the room."
    assert opinion.sample.state == SampleState.WAITING


def test_the_report_of_a_result_is_a_pdf_that_names_the_clip(owner, window, clip_file):
    prediction = judged(owner, clip_file("fake-flite.wav").read_bytes())
    page = window(owner)
    page.goto(f"/predictions/{prediction.pk}/")
    # A click opens it in the browser's own viewer, which lets nobody read its bytes.
    pdf = page.request.get(page.get_by_test_id("report").get_attribute("href")).body()

    assert pdf.startswith(b"%PDF-")
    assert f"Voicetell report: {prediction.clip.name}".encode() in pdf


def test_a_newcomer_is_three_clicks_from_a_verdict(site, worker, champion, owner, open_page):
    page = open_page(site)
    log_in(page, owner.email, PASSWORD)  # the first click

    page.get_by_test_id("examples").get_by_role("button").first.click()  # the second and last

    wait_for_verdict(page)
