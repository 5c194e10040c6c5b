"""What the tests of the API share."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import User
from detector import services
from detector.engine.types import Picture, Verdict
from detector.models import Prediction, Status
from tests.factories import ModelVersionFactory, facts
from training.models import ModelVersion

URL = "/api/v1"
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt "


def wav(name: str = "clip.wav") -> SimpleUploadedFile:
    """Something that the sniffer takes for a clip; nobody decodes it in these tests."""
    return SimpleUploadedFile(name, WAV, content_type="audio/wav")


def text(name: str = "notes.txt") -> SimpleUploadedFile:
    """Something that is no clip."""
    return SimpleUploadedFile(name, b"dear diary", content_type="audio/wav")


def assert_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """Check everything that every problem promises, and return its body."""
    assert (response.status_code, response["Content-Type"]) == (
        status,
        "application/problem+json",
    ), response.content
    body: dict[str, Any] = response.json()
    assert body["code"] == code
    assert body["type"] == f"/api/problems/{code}/"
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert "{" not in body["detail"]
    assert body["instance"] == response.request["PATH_INFO"]
    return body


def verdict(**changes: Any) -> dict[str, Any]:
    """Return what a worker hands to `services.finish`."""
    return {
        "facts": facts(),
        "picture": Picture(peaks=b"\xff", spectrogram=b"PNG"),
        "verdict": Verdict.FAKE,
        "probability": 0.9,
        "score": 2.2,
        "threshold": 0.8,
        "real_threshold": 0.3,
        "segments": [
            {"start": 0.0, "end": 3.0, "kind": "speech", "score": 2.2, "probability": 0.9}
        ],
        "reasons": [{"code": "score_above_threshold", "weight": None, "params": {}}],
        "quality": {"speech_seconds": 2.5},
        "timings": {"decode": 0.01},
        **changes,
    }


Ending = Callable[[Prediction], object]


@pytest.fixture
def worker() -> Iterator[Callable[[Ending], None]]:
    """Return a function that starts a thread which claims what is queued and ends it as told.

    It goes through the real services, as a worker does, and judges nothing.
    """
    stop = threading.Event()
    threads: list[threading.Thread] = []

    def run(end: Ending) -> None:
        while not stop.wait(0.05):
            queued = Prediction.objects.filter(status=Status.QUEUED).order_by("created_at")
            for key in queued.values_list("pk", flat=True):
                if claimed := services.claim(key):
                    end(claimed)
        connection.close()

    def start(end: Ending) -> None:
        threads.append(threading.Thread(target=run, args=(end,)))
        threads[-1].start()

    yield start
    stop.set()
    for thread in threads:
        thread.join()


@pytest.fixture(autouse=True)
def _static_files_by_their_own_names(settings: Any) -> None:
    """Pages are made without `collectstatic`, which the tests of the whole stack run."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture
def version(transactional_db: None) -> ModelVersion:
    """A version for verdicts."""
    return ModelVersionFactory(name="version-x", schema="voicetell-1")


@pytest.fixture
def judges(worker: Callable[[Ending], None], version: ModelVersion) -> None:
    """Somebody who calls every clip FAKE."""
    worker(lambda row: services.finish(row, model_version=version, **verdict()))


@pytest.fixture
def client(owner: User, api: Callable[..., APIClient]) -> APIClient:
    """The owner's program."""
    return api(owner)
