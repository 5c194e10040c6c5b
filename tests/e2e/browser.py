"""A real Chromium on a real site, and what to look at when a test with it fails."""

import ctypes
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page, expect, sync_playwright

T = TypeVar("T")

CHROMIUM = "/usr/bin/chromium"
PATIENCE_MS = 30_000
"""How long a browser test waits for what a person waits for; CI's machines are slow."""

_DROP = """([names, event]) => {
  const data = new DataTransfer();
  for (const [name, bytes] of names) data.items.add(new File([new Uint8Array(bytes)], name));
  const what = event === "paste"
    ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true })
    : new DragEvent(event, { dataTransfer: data, bubbles: true, cancelable: true });
  document.body.dispatchEvent(what);
}"""


def _missing(path: str) -> Iterator[str]:
    """Debian packages that the browser tests need and that are not here."""
    if not Path(path).exists():
        yield "chromium"
    try:
        ctypes.CDLL("libatomic.so.1")  # Playwright's driver is linked to it
    except OSError:
        yield "libatomic1"


@contextmanager
def chromium(heard: Path) -> Iterator[Browser]:
    """Run Debian's Chromium; where something for it is missing, skip the test, or fail it in CI.

    It may use its microphone, which hears the WAV file `heard` over and over.
    """
    path = shutil.which("chromium") or CHROMIUM
    if missing := [*_missing(path)]:
        if os.environ.get("CI"):
            pytest.fail(f"CI lacks {' and '.join(missing)}: .ci/run installs them")
        pytest.skip(f"browser tests need: apt-get install {' '.join(missing)}")
    arguments = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
    arguments += ["--disable-background-networking", "--disable-component-update"]
    arguments += ["--disable-dev-shm-usage"]
    arguments += ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    arguments += [f"--use-file-for-fake-audio-capture={heard}"]
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        browser = playwright.chromium.launch(
            executable_path=path, args=arguments, chromium_sandbox=os.geteuid() != 0
        )
        yield browser
        browser.close()


def log_in(page: Page, email: str, password: str) -> None:
    """Go to the first page and through the log-in that it asks for."""
    page.goto("/")
    form = page.get_by_test_id("login")
    form.locator("[name=login]").fill(email)
    form.locator("[name=password]").fill(password)
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
