"""What holds for every page: WCAG 2.2 AA by axe, at most 200 kB, nothing wider than a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.e2e.browser import log_in
from tests.e2e.pages import addresses
from tests.factories import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MOST_BYTES = 200_000
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
LOOKS = [(1600, "light"), (390, "dark")]


@pytest.fixture
def pages(owner, champion, clip_file):
    """Addresses of all pages, seen by an administrator, to whom all are open."""
    owner.role, owner.is_staff, owner.is_superuser = "administrator", True, True
    owner.save()
    return addresses(owner, clip_file("fake-flite.wav").read_bytes())


def test_no_page_keeps_anybody_out_or_is_too_wide_or_breaks_its_own_policy(
    site, owner, pages, open_page
):
    wrong = []
    for width, scheme in LOOKS:
        page = open_page(site, viewport={"width": width, "height": 900}, color_scheme=scheme)
        heard = []
        page.on("console", lambda message, heard=heard: heard.append(message.text))
        log_in(page, owner.email, PASSWORD)
        for name, address in pages.items():
            page.goto(address)
            page.wait_for_load_state("load")
            wrong += [f"{name}: {text}" for text in heard if "Content Security Policy" in text]
            for found in Axe().run(page, options=RULES).response["violations"]:
                where = found["nodes"][0]["html"][:200]
                wrong.append(f"{name} ({width}, {scheme}): {found['id']}: {where}")
            # axe itself adds a style to look into a shadow root, which the policy forbids.
            heard.clear()
            needed = page.evaluate("document.documentElement.scrollWidth")
            if needed > width:
                wrong.append(f"{name}: {needed} px wide on a screen of {width}")

    assert not wrong, "\n".join(wrong)


def test_no_page_weighs_more_than_its_budget_apart_from_the_sound(site, owner, pages, open_page):
    weights, uncached = {}, set()
    start = open_page(site)
    log_in(start, owner.email, PASSWORD)
    state = start.context.storage_state()
    for name, address in pages.items():
        page = open_page(site, storage_state=state)
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        sound, sizes = set(), {}

        def note(event, sound=sound):
            answer = event["response"]
            if "/audio/" in answer["url"]:
                sound.add(event["requestId"])
            headers = {key.lower(): value for key, value in answer["headers"].items()}
            if "/static/" in answer["url"] and "immutable" not in headers.get("cache-control", ""):
                uncached.add(answer["url"])

        def add(event, sizes=sizes):
            sizes[event["requestId"]] = event["encodedDataLength"]

        network.on("Network.responseReceived", note)
        network.on("Network.loadingFinished", add)
        page.goto(address)
        page.wait_for_load_state("load")
        weights[name] = sum(size for request, size in sizes.items() if request not in sound)
        page.context.close()

    assert uncached == set(), "static files have hashed names and are kept for good"
    assert {name: size for name, size in weights.items() if size > MOST_BYTES} == {}
    assert min(weights.values()) > 1000, f"not all were measured: {weights}"
