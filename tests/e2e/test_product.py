"""The whole product as it is delivered: one command, its own database, its own workers."""

import os
import re
import shutil
import signal
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.e2e.browser import choose_file, log_in, wait_for_verdict
from tests.e2e.processes import Program, command_line, descendants, free_port, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.stack]

START_SECONDS = 240
LEASE_AND_START_SECONDS = 150


@pytest.fixture
def folder():
    """A new data folder with a short path, for sockets lie in it."""
    path = Path(tempfile.mkdtemp(prefix="vt-up-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def product(folder):
    """`./voicetell up` on an empty data folder, running."""
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DATABASE_URL", "REDIS_URL", "VOICETELL_SECRET_KEY")
    }
    env |= {"VOICETELL_DATA": str(folder / "data"), "VOICETELL_MEDIA": str(folder / "media")}
    argv = [str(settings.BASE_DIR / "voicetell"), "up", "--port", str(free_port())]
    program = Program(argv, folder / "up.log", env)
    yield program
    if program.process.poll() is None:
        program.stop()


def is_running(pid):
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


def test_from_one_command_to_a_verdict_through_a_killed_worker_to_a_clean_stop(
    product, open_page, long_clip, tmp_path
):
    def is_up():
        product.fail_if_ended()
        return "shown only this once" in product.said()

    wait_for(is_up, "the site and the administrator's password", seconds=START_SECONDS)
    url = re.search(r"Voicetell is at (\S+)", product.said())[1]
    email, password = re.search(r"Log in as (\S+) with the password (\S+)", product.said()).groups()

    page = open_page(url)
    log_in(page, email, password)
    form = page.get_by_test_id("password-change")
    expect(form).to_be_visible()
    form.locator("[name=oldpassword]").fill(password)
    for field in ("password1", "password2"):
        form.locator(f"[name={field}]").fill("a long sentence that nobody guesses")
    form.locator("button").click()

    page.get_by_test_id("examples").get_by_role("button").first.click()
    wait_for_verdict(page)

    recording = tmp_path / "long.wav"
    recording.write_bytes(long_clip)
    page.goto(url)
    choose_file(page, recording)
    page.wait_for_url("**/predictions/**")
    article = page.get_by_test_id("prediction")
    expect(article).to_have_attribute("data-status", "running")
    for pid in descendants(product.process.pid):
        if "celery" in (called := command_line(pid)) and "--queues predict" in called:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    # Nobody helps: the supervisor starts a worker, the lease ends, the beat queues the clip again.
    expect(article).to_have_attribute("data-status", "done", timeout=1000 * LEASE_AND_START_SECONDS)

    everything = descendants(product.process.pid)
    assert len(everything) > 5
    assert product.stop() == 0, product.said()
    wait_for(lambda: not any(map(is_running, everything)), "the end of every process", seconds=10)
