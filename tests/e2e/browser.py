"""A real browser on a real site, and what to look at when a test with it fails."""

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from ctypes.util import find_library
from pathlib import Path
from typing import TypeVar

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

T = TypeVar("T")

PATIENCE_MS = 30_000
"""How long a browser test waits for what a person waits for; CI's machines are slow."""
in_each = pytest.mark.parametrize("browser_name", ["chromium", "firefox"])
"""Marks a test that holds in every browser; the others look at the server, so one is enough."""

_DROP = """([names, event]) => {
  const data = new DataTransfer();
  for (const [name, bytes] of names) data.items.add(new File([new Uint8Array(bytes)], name));
  const what = event === "paste"
    ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true })
    : new DragEvent(event, { dataTransfer: data, bubbles: true, cancelable: true });
  if (event === "paste" && !what.clipboardData?.files.length)  // Firefox leaves the files out
    Object.defineProperty(what, "clipboardData", { value: data });
  document.body.dispatchEvent(what);
}"""


def _need(package: str, is_there: object) -> None:
    """Where a Debian package is missing, skip the test, or fail it in CI."""
    if is_there:
        return
    if os.environ.get("CI"):
        pytest.fail(f"CI lacks {package}: .ci/run installs it")
    pytest.skip(f"browser tests need: apt-get install {package}")


@contextmanager
def driver() -> Iterator[Playwright]:
    """Run Playwright's driver."""
    _need("libatomic1", find_library("atomic"))
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        yield playwright


@contextmanager
def chromium(playwright: Playwright, heard: Path) -> Iterator[Browser]:
    """Run Debian's Chromium, whose microphone hears the WAV file `heard` over and over."""
    path = shutil.which("chromium")
    _need("chromium", path)
    arguments = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
    arguments += ["--disable-background-networking", "--disable-component-update"]
    arguments += ["--disable-dev-shm-usage"]
    arguments += ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    arguments += [f"--use-file-for-fake-audio-capture={heard}"]
    browser = playwright.chromium.launch(
        executable_path=path, args=arguments, chromium_sandbox=os.geteuid() != 0
    )
    yield browser
    browser.close()


@contextmanager
def firefox(playwright: Playwright) -> Iterator[Browser]:
    """Run Debian's Firefox, whose microphone hears a tone and whose sound card is a mock.

    Without a sound card of either kind its AudioContext never starts.
    """
    path = shutil.which("firefox-esr")
    _need("firefox-esr", path)
    sound = {"media.navigator.streams.fake": True, "media.navigator.permission.disabled": True}
    sound |= {"media.cubeb.force_mock_context": True}
    browser = playwright.firefox.launch(
        channel="moz-firefox",  # one as it is sold, by WebDriver BiDi
        executable_path=path,
        firefox_user_prefs=sound,
    )
    yield browser
    browser.close()


def log_in(page: Page, email: str, password: str) -> None:
    """Go to the first page and through the log-in that it asks for."""
    page.goto("/")
    form = page.get_by_test_id("login")
    form.locator("[name=login]").fill(email)
    form.locator("[name=password]").fill(password)
    with page.expect_navigation():  # or what the test opens next is overtaken by it
        form.locator("button").click()


def choose_file(page: Page, path: Path) -> None:
    """Choose a recording on the first page; with scripts that sends it."""
    page.get_by_test_id("files").set_input_files(path)


def drop(page: Page, files: dict[str, bytes], event: str = "drop") -> None:
    """Drop files by their names somewhere on the open page, or paste them."""
    page.evaluate(_DROP, [[[name, list(content)] for name, content in files.items()], event])


def wait_for_verdict(page: Page) -> str:
    """Look at the open page until it shows a verdict, and return it."""
    shown = page.locator("[data-testid=prediction][data-status=done]")
    expect(shown).to_be_visible()
    verdict = shown.get_attribute("data-verdict")
    assert verdict in ("REAL", "FAKE", "INCONCLUSIVE")
    return verdict


def away(function: Callable[[], T]) -> T:
    """Call it in another thread: in this one Playwright's loop runs.

    Where a loop runs, settings of the admin panel can only be awaited.
    """

    def call() -> T:
        try:
            return function()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(call).result()


def picture_of(page: Page, path: Path) -> str:
    """Save a screenshot and return what a person would have read."""
    page.screenshot(path=path, full_page=True)
    return f"{page.url}\nscreenshot: {path}\n\n{page.inner_text('body')}"
