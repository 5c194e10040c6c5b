"""Real workers, web server and browser on the test database."""

import io
import os
import subprocess
import sys
import urllib.request
import wave
from contextlib import suppress

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from playwright.sync_api import expect

from detector import workers
from detector.services import submit_clip
from tests.e2e import browser, processes
from tests.factories import PASSWORD


@pytest.fixture(scope="session")
def long_clip(clip_file):
    """A WAV of nearly five minutes that needs a decoder, so whoever kills one has time to aim."""
    with wave.open(str(clip_file("real-prompt.wav"))) as short:
        parameters = short.getparams()
        frames = short.readframes(short.getnframes())
    repeats = int(590 * parameters.framerate / parameters.nframes)
    content = io.BytesIO()
    with wave.open(content, "wb") as long:
        long.setparams(parameters._replace(nchannels=2))
        long.writeframes(frames * repeats)
    return content.getvalue()


@pytest.fixture(scope="session")
def _workers(django_db_setup, django_db_blocker, services, tmp_path_factory):
    """One worker for all tests, for a start takes seconds; who kills it gets the next one."""
    folder = tmp_path_factory.mktemp("workers")
    started = []

    def living():
        if not started or started[-1].process.poll() is not None:
            workers.connection().delete(workers.REGISTER)
            program = processes.worker(folder / f"{len(started)}.log")
            started.append(program)
            processes.wait_for(lambda: workers.count() or program.fail_if_ended(), "a warm worker")
        return started[-1]

    yield living
    for program in started:
        if program.process.poll() is None:
            program.stop()


@pytest.fixture
def living_worker(_workers, transactional_db):
    """Return a function that gives the worker, or a new one where it was killed."""
    return _workers


@pytest.fixture
def worker(living_worker):
    """A warm worker on the test database."""
    return living_worker()


@pytest.fixture
def submit(owner):
    """Return a function that submits content for the owner."""

    def send(content, name="clip"):
        return submit_clip(owner=owner, file=ContentFile(content), name=name)

    return send


@pytest.fixture(scope="session")
def _static(django_db_setup, django_db_blocker, services):
    """The static files under the names that the pages give them."""
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--no-input"],
        cwd=settings.BASE_DIR,
        env=processes.environment_of_tests(),
        check=True,
        capture_output=True,
    )


def gunicorn(folder, **env):
    """Start the web server on the test database; return the program and its address."""
    port = processes.free_port()
    argv = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}"]
    argv += ["--worker-class", "gthread", "--threads", "8", "--no-control-socket"]
    program = processes.Program(
        argv, folder / f"web{port}.log", processes.environment_of_tests() | env
    )
    url = f"http://127.0.0.1:{port}"

    def answers():
        program.fail_if_ended()
        with suppress(OSError), urllib.request.urlopen(f"{url}/api/v1/health", timeout=5):
            return True

    processes.wait_for(answers, "the web server")
    return program, url


@pytest.fixture(scope="session")
def _web(_static, tmp_path_factory):
    """Gunicorn for all tests."""
    # The contract test sends bad tokens by the dozen.
    program, url = gunicorn(tmp_path_factory.mktemp("web"), VOICETELL_BAD_TOKENS="0")
    yield program, url
    program.stop()


@pytest.fixture
def site(_web, transactional_db):
    """Address of a running site whose database is the test's."""
    return _web[1]


@pytest.fixture(scope="session")
def _playwright():
    # Its loop runs in this thread, which Django takes for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with browser.driver() as playwright:
        yield playwright
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def _chromium(_playwright, clip_file):
    with browser.chromium(_playwright, clip_file("fake-flite.wav")) as running:
        yield running


@pytest.fixture(scope="session")
def _firefox(_playwright):
    with browser.firefox(_playwright) as running:
        yield running


@pytest.fixture
def browser_name():
    """Which browser `open_page` opens; `browser.in_each` makes a test run in all of them."""
    return "chromium"


@pytest.fixture
def open_page(browser_name, request, tmp_path):
    """Return a function that opens a fresh browser window on a site.

    If the test fails, the report holds what the page showed and the programs' last words.
    """
    running = request.getfixturevalue(f"_{browser_name}")
    opened = []

    def make(url, **options):
        context = running.new_context(base_url=url, **options)
        context.set_default_timeout(browser.PATIENCE_MS)
        page = context.new_page()
        page.on("console", lambda message: said.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: said.append(f"error in a script: {error}"))
        opened.append(page)
        return page

    said = []
    yield make
    if request.node.stash.get(FAILED, False):
        for number, page in enumerate(opened):
            with suppress(Exception):
                said.append(browser.picture_of(page, tmp_path / f"page{number}.png"))
        print("\n".join(said))  # pytest shows it with the failure
    for page in opened:
        page.context.close()


@pytest.fixture
def window(site, open_page):
    """Return a function that opens a window in which somebody has logged in."""

    def make(person, *, scripts=True):
        page = open_page(site, java_script_enabled=scripts)
        browser.log_in(page, person.email, PASSWORD)
        expect(page.get_by_test_id("drop-zone")).to_be_visible()
        return page

    return make


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Let fixtures know on their way out that the test failed, and keep the programs' logs."""
    report = yield
    if report.when == "call" and report.failed:
        item.stash[FAILED] = True
        for program in processes.started:
            report.sections.append((f"last words in {program.log}", program.said()[-4000:]))
    return report
