"""Without a mouse, without motion, on paper."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import away
from tests.e2e.processes import wait_for
from tests.e2e.scene import judged
from tests.factories import PredictionFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# What has the focus, and whether somebody who looks can tell.
FOCUSED = """() => {
  const element = document.activeElement;
  const shown = (candidate) => {
    const style = getComputedStyle(candidate);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  const box = element.getBoundingClientRect();
  element.dataset.visited = "";
  return {
    what: `${element.tagName} ${element.textContent.trim().slice(0, 30) || element.name}`,
    isBody: element === document.body,
    // A file field lies under its own button, which shows the focus for it; the browser draws
    // its own ring around the button of an audio element that has it.
    isSeen: shown(element) || element.tagName === "AUDIO"
      || (element.nextElementSibling && shown(element.nextElementSibling)),
    isThere: box.width > 0 && box.bottom > 0 && box.top < innerHeight,
  };
}"""
# Whatever can be pressed or filled in, is shown, and was not reached. Radio buttons are one stop.
MISSED = """() => [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden], [type=radio]), select, textarea, summary")]
  .filter((element) => element.checkVisibility({ visibilityProperty: true })
    && !element.disabled && !("visited" in element.dataset))
  .map((element) => element.outerHTML.slice(0, 120))"""
MOST_STOPS = 150


@pytest.fixture
def prediction(owner, champion, clip_file):
    """A result with everything that its page can show."""
    audio = clip_file("fake-flite.wav").read_bytes()
    return away(lambda: judged(owner, "fake-flite.wav", audio))


@pytest.fixture
def page(owner, window):
    """A window in which the owner has logged in."""
    return window(owner)


def test_the_tab_key_reaches_everything_and_one_sees_where_one_is(page, prediction):
    for address in ("/", "/history/", f"/predictions/{prediction.pk}/", "/account/tokens/"):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        for _ in range(MOST_STOPS):
            page.keyboard.press("Tab")
            focused = page.evaluate(FOCUSED)
            if focused["isBody"]:
                break
            assert focused["isSeen"], f"{address}: no outline around {focused['what']}"
            assert focused["isThere"], f"{address}: {focused['what']} has the focus out of sight"
        else:
            pytest.fail(f"{address}: the focus never leaves the page")
        assert page.evaluate(MISSED) == [], address


def test_the_first_stop_leads_past_the_menu(page):
    page.goto("/history/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()

    page.keyboard.press("Enter")

    expect(page.locator("#main")).to_be_focused()


def test_menu_and_dialog_open_and_close_by_keys_and_give_the_focus_back(page, prediction):
    page.goto(f"/predictions/{prediction.pk}/")
    menu = page.get_by_test_id("menu")
    menu.press("Enter")
    expect(page.get_by_test_id("logout")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("logout")).to_be_hidden()
    expect(menu).to_be_focused()

    page.get_by_test_id("more").press("Enter")
    delete = page.get_by_test_id("delete")
    delete.press("Enter")
    expect(page.locator("#dialog")).to_be_visible()
    assert page.evaluate("document.getElementById('dialog').contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).to_be_hidden()
    expect(delete).to_be_focused()


def test_a_menu_lies_within_a_phone(page, prediction):
    page.set_viewport_size({"width": 390, "height": 844})
    for address, menu in ((f"/predictions/{prediction.pk}/", "more"), ("/history/", "menu")):
        page.goto(address)
        page.get_by_test_id(menu).click()
        box = page.locator(".menu[open] .menu-body").bounding_box()
        assert box["x"] >= 0, address
        assert box["x"] + box["width"] <= 390, address


def test_nothing_moves_for_who_wants_no_motion(page, owner):
    running = PredictionFactory(clip__owner=owner, running=True)
    page.emulate_media(reduced_motion="reduce")
    moving = "document.getAnimations().filter(a => a.playState === 'running').length"
    for address in ("/", f"/predictions/{running.pk}/"):
        page.goto(address)
        wait_for(lambda: page.evaluate(moving) == 0, "everything to stand still")
    page.emulate_media(reduced_motion="no-preference")
    wait_for(lambda: page.evaluate(moving) > 0, "the sign that it is being judged to turn")


def test_on_paper_a_result_is_dark_on_white_without_what_only_a_screen_needs(page, prediction):
    page.emulate_media(color_scheme="dark")
    page.goto(f"/predictions/{prediction.pk}/")
    expect(page.locator(".plot.is-live")).to_be_visible()

    page.emulate_media(media="print", color_scheme="dark")

    for gone in ("header.top", "footer.bottom", ".tools", ".plot-live", "audio", ".feedback"):
        assert not page.locator(gone).locator("visible=true").count(), gone
    for kept in ("h1", "[data-testid=reasons]", "[data-testid=sha256]", ".plot-still"):
        expect(page.locator(kept).first).to_be_visible()
    text = page.evaluate("getComputedStyle(document.querySelector('h1')).color")
    assert max(int(part) for part in text[4:-1].split(",")[:3]) < 80, "dark letters"
    assert page.pdf()[:4] == b"%PDF"
