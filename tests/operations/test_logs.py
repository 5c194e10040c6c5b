"""The log: for people or for programs, with ids of what a line is about, and its three views."""

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from config.stack.site import Site, parts
from detector import services
from operations.context import AboutFilter, about
from tests.api.conftest import verdict
from tests.e2e.processes import environment_of_tests
from tests.factories import PredictionFactory
from training import events
from training.models import ModelVersion, Snapshot, TrainingRun

pytestmark = pytest.mark.django_db

SAY = """
import logging
import django
django.setup()
from django.conf import settings
from django.test import Client
from operations.context import about
settings.ALLOWED_HOSTS = ["*"]
Client(headers={"X-Request-ID": "asked-by-me"}).get("/api/v1/health?token=secret")
with about(prediction="p-1", clip="c-1"):
    logging.getLogger("detector").warning("a name\\nwith a line break")
logging.getLogger("voicetell.performance").info("judged", extra={"seconds": 0.5})
"""


@pytest.mark.django_db(transaction=True)
def test_lines_are_objects_with_ids_and_each_view_is_a_file(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    env = environment_of_tests() | {
        "VOICETELL_LOG_FORMAT": "json",
        "VOICETELL_LOG_FOLDER": str(folder),
    }
    done = subprocess.run(
        [sys.executable, "-c", SAY],
        cwd=settings.BASE_DIR,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    by_logger = {line["logger"]: line for line in lines}
    asked = by_logger["voicetell.api"]
    assert (asked["request_id"], asked["route"]) == ("asked-by-me", "api/v1/health")
    assert (asked["method"], asked["level"]) == ("GET", "INFO")
    assert asked["timestamp"]
    assert "secret" not in done.stderr
    warned = by_logger["detector"]
    assert (warned["prediction"], warned["clip"], warned["level"]) == ("p-1", "c-1", "WARNING")
    assert json.loads((folder / "api.log").read_text()) == asked
    assert json.loads((folder / "performance.log").read_text())["seconds"] == 0.5
    assert (folder / "retraining.log").read_text() == ""


def test_the_web_server_speaks_as_all_others_do() -> None:
    words = parts(Site("127.0.0.1", 8000, 1))["web"].argv
    module, _, name = words[words.index("--logger-class") + 1].rpartition(".")
    say = f"from {module} import {name}; from gunicorn.config import Config; "
    say += f"{name}(Config()).info('Booting %s', 'now')"
    done = subprocess.run(
        [sys.executable, "-c", say],
        cwd=settings.BASE_DIR,
        env=environment_of_tests() | {"VOICETELL_LOG_FORMAT": "json"},
        capture_output=True,
        text=True,
        check=True,
    )
    (line,) = [json.loads(line) for line in done.stderr.splitlines()]
    assert (line["logger"], line["message"]) == ("gunicorn.error", "Booting now")


def said(caplog: pytest.LogCaptureFixture, logger: str) -> list[Any]:
    return [record for record in caplog.records if record.name == logger]


def test_a_judged_clip_is_in_the_performance_log(
    champion: ModelVersion,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Any,
) -> None:
    prediction = PredictionFactory(running=True, clip__name="private-interview.wav")
    with caplog.at_level("INFO"), django_capture_on_commit_callbacks(execute=True):
        services.finish(prediction, **verdict(model_version=champion, timings={"decode": 0.25}))
    (line,) = said(caplog, "voicetell.performance")
    assert (line.prediction, line.clip) == (str(prediction.pk), str(prediction.clip_id))
    assert (line.model, line.verdict, line.timings) == (champion.name, "FAKE", {"decode": 0.25})
    assert "interview" not in str(vars(line))


def test_a_run_and_a_promotion_are_in_the_retraining_log(
    owner: User, champion: ModelVersion, caplog: pytest.LogCaptureFixture
) -> None:
    snapshot = Snapshot.objects.create(sha256="0" * 64, items="x", real=0, fake=0)
    run = TrainingRun.objects.create(started_by=owner, snapshot=snapshot)
    with caplog.at_level("INFO"):
        events.run_ended(run)
        events.version_promoted(champion, former=None, reason="better")
    ended, promoted = said(caplog, "voicetell.retraining")
    assert (ended.run, ended.state) == (str(run.pk), run.state)
    assert (promoted.model_version, promoted.reason) == (champion.name, "better")


def test_a_page_is_written_down_without_what_its_address_hides(
    caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    with caplog.at_level("INFO"):
        Client().get("/invitations/the-secret-of-the-link/")
    (line,) = said(caplog, "voicetell.pages")
    assert line.route == "invitations/<str:secret>/"
    assert "the-secret-of-the-link" not in str(vars(line))


def test_ids_end_with_their_block() -> None:
    record = logging.makeLogRecord({})
    with about(run="r"):
        with about(sample="s"):
            AboutFilter().filter(record)
        later = logging.makeLogRecord({})
        AboutFilter().filter(later)
    assert record.about == " run=r sample=s"
    assert later.about == " run=r"
