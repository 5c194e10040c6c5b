"""What holds for every page: WCAG 2.2 AA by axe, its weight, its width, its policy, its scripts."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.test import Client

from tests.e2e.browser import away
from tests.e2e.pages import Page, every_page
from tests.e2e.scene import furnish

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MOST_BYTES = 200_000
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PANEL_RULES = {"runOnly": WCAG, "resultTypes": ["violations"]}
"""How django-unfold names its landmarks is its own affair; WCAG holds there as everywhere."""
ALL_RULES = {"runOnly": [*WCAG, "best-practice"], "resultTypes": ["violations"]}
RULES_OF_LOOKS = {"runOnly": ["color-contrast", "target-size"], "resultTypes": ["violations"]}
"""What may differ in other colours or on another screen."""
WIDE, PHONE = {"width": 1600, "height": 900}, {"width": 390, "height": 844}
CLIPS = ("fake-flite.wav", "real-librivox.mp3", "real-prompt.wav")
VIOLATIONS = "rules => axe.run(document, rules).then(found => found.violations)"
ICONS_AS_WORDS = """async () => {
  await document.fonts.ready;
  return [...document.querySelectorAll(".material-symbols-outlined")]
    .filter((icon) => icon.offsetWidth > 2 * parseFloat(getComputedStyle(icon).fontSize))
    .map((icon) => icon.textContent.trim());
}"""
PANEL_IN_THE_DARK = """dark => {
  if (document.querySelector("[x-data]")) document.documentElement.classList.toggle("dark", dark);
}"""
"""The panel looks at the system's colours only when it is loaded."""
SETTLED = """async () => {
  for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
  await Promise.allSettled(document.getAnimations().map((fading) => fading.finished));
}"""
NESTED_RULES = """() => [...document.styleSheets].filter(sheet => sheet.href?.includes("/css/"))
  .flatMap(sheet => [...sheet.cssRules])
  .filter(rule => rule instanceof CSSStyleRule && rule.cssRules.length)
  .map(rule => rule.cssText.slice(0, 80))"""


@pytest.fixture
def pages(site, owner, champion, clip_file, settings) -> list[Page]:
    """All pages of a site in full use."""
    settings.STORAGES = {**settings.STORAGES}  # read anew the names of the files just collected
    owner.role, owner.is_staff, owner.is_superuser = "administrator", True, True
    owner.save()
    clips = {name: clip_file(name).read_bytes() for name in CLIPS}
    return away(lambda: every_page(owner, furnish(owner, champion, clips)))


class Window:
    """A browser window of one visitor that notes what comes over the line and what it hears."""

    def __init__(self, page: Any, url: str, visitor: Client) -> None:
        self.page, self.url = page, url
        self.heard: list[str] = []
        self.sizes: dict[str, int] = {}
        self.sound: set[str] = set()
        self.uncached: set[str] = set()
        page.context.add_cookies(
            [{"name": key, "value": m.value, "url": url} for key, m in visitor.cookies.items()]
        )
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.heard.append(f"error in a script: {error}"))
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        network.send("Network.setCacheDisabled", {"cacheDisabled": True})
        network.on("Network.responseReceived", self._note)
        network.on("Network.loadingFinished", self._add)

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.heard.append(f"{message.type}: {message.text}")

    def _note(self, event: dict[str, Any]) -> None:
        answer = event["response"]
        if "/audio/" in answer["url"]:
            self.sound.add(event["requestId"])
        headers = {key.lower(): value for key, value in answer["headers"].items()}
        if "/static/" in answer["url"] and "immutable" not in headers.get("cache-control", ""):
            self.uncached.add(answer["url"])

    def _add(self, event: dict[str, Any]) -> None:
        self.sizes[event["requestId"]] = event["encodedDataLength"]

    @property
    def weight(self) -> int:
        """Bytes of the page that is open, apart from the sound."""
        return sum(size for request, size in self.sizes.items() if request not in self.sound)

    def open(self, page: Page) -> int:
        """Open a page in light colours on a wide screen; return its status."""
        self.heard.clear()
        self.sizes.clear()
        self.page.set_viewport_size(WIDE)
        # Nothing fades from one colour to the other while axe looks at it.
        self.page.emulate_media(color_scheme="light", reduced_motion="reduce")
        if page.html:
            self.page.route(
                f"**{page.address}",
                lambda route: route.fulfill(body=page.html, content_type="text/html"),
            )
        answer = self.page.goto(page.address, wait_until="load")
        return int(answer.status)

    def show_in(self, scheme: str) -> None:
        """Show the open page in light or dark colours, and wait until it does."""
        self.page.emulate_media(color_scheme=scheme)
        self.page.evaluate(PANEL_IN_THE_DARK, scheme == "dark")
        self.page.evaluate(SETTLED)

    def violations(self, rules: dict[str, Any]) -> Iterator[str]:
        """What axe finds on the page as it looks now."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)
        for found in self.page.evaluate(VIOLATIONS, rules):
            for node in found["nodes"][:3]:
                yield f"{found['id']}: {node['html'][:160]} {node['failureSummary'][:160]}"


def test_no_page_keeps_anybody_out_is_too_heavy_too_wide_or_breaks_its_own_policy(
    site, pages, open_page
):
    windows: dict[int, Window] = {}
    wrong = []
    for page in pages:
        if id(page.visitor) not in windows:
            windows[id(page.visitor)] = Window(open_page(site), site, page.visitor)
        window = windows[id(page.visitor)]
        status = window.open(page)
        found = [*(text for text in window.heard if not _is_own_status(text, status))]
        found += [f"{rule} has rules within it" for rule in window.page.evaluate(NESTED_RULES)]
        in_panel = page.address.startswith("/admin/")
        if not 1000 < window.weight <= MOST_BYTES:
            found.append(f"{window.weight} bytes")
        found += window.violations(PANEL_RULES if in_panel else ALL_RULES)
        found += [f"no icon {name}" for name in window.page.evaluate(ICONS_AS_WORDS)]
        if window.page.evaluate("document.querySelector('[hx-get]') !== null && !window.htmx"):
            found.append("nothing asks how things stand now")
        window.show_in("dark")
        window.page.set_viewport_size(PHONE)
        window.page.evaluate(SETTLED)
        needed = window.page.evaluate("document.documentElement.scrollWidth")
        if needed > PHONE["width"]:
            found.append(f"{needed} px wide on a phone")
        found += [f"phone, dark: {text}" for text in window.violations(RULES_OF_LOOKS)]
        wrong += [f"{page.name}: {text}" for text in found]

    wrong += [f"not kept for good: {url}" for w in windows.values() for url in w.uncached]
    assert not wrong, "\n".join(wrong)


def _is_own_status(text: str, status: int) -> bool:
    """Whether the console only says what is meant to be: that this is an error page."""
    return status >= 400 and f"status of {status}" in text
