"""A real Celery worker judges real clips, whatever is killed in the middle."""

import os
import signal
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from detector import upkeep
from detector.models import Prediction, Status
from tests.e2e import processes
from tests.e2e.processes import children, command_line, descendants, wait_for
from tests.factories import PredictionFactory

pytestmark = [pytest.mark.stack, pytest.mark.django_db(transaction=True)]


def status_of(prediction):
    prediction.refresh_from_db()
    return prediction.status


def finished(prediction):
    """Wait for the end of a prediction."""
    wait_for(lambda: status_of(prediction) in (Status.DONE, Status.FAILED), "the verdict")
    return prediction


def let_lease_end():
    """Do what waiting for half a minute would do."""
    Prediction.objects.filter(status=Status.RUNNING).update(
        lease_expires_at=timezone.now() - timedelta(seconds=1)
    )
    upkeep.sweep()


@pytest.mark.parametrize(
    ("name", "container"),
    [("real-librivox.mp3", "mp3"), ("fake-hibari.flac", "flac"), ("fake-flite.wav", "wav")],
)
def test_a_clip_gets_its_verdict(champion, worker, submit, clip_file, name, container):
    prediction = finished(submit(clip_file(name).read_bytes(), name))

    assert prediction.status == Status.DONE, prediction.error_code
    assert prediction.verdict in ("REAL", "FAKE", "INCONCLUSIVE")
    assert prediction.model_version == champion
    assert prediction.threshold == champion.threshold
    assert 0 <= prediction.probability <= 1
    assert prediction.reasons
    assert prediction.segments
    prediction.clip.refresh_from_db()
    assert prediction.clip.facts["container"] == container
    assert prediction.attempts == 1


def test_a_damaged_file_fails_with_its_code_and_the_worker_goes_on(
    champion, worker, submit, clip_file
):
    content = clip_file("fake-hibari.flac").read_bytes()

    damaged = finished(submit(content[:60] + bytes(2000)))
    healthy = finished(submit(content))

    assert (damaged.status, damaged.verdict) == (Status.FAILED, "")
    assert damaged.error_code in ("decode_failed", "no_audio")
    assert healthy.status == Status.DONE


def test_a_worker_holds_no_libraries_for_tables(champion, worker, submit, clip_file):
    """Which scikit-learn would bring along, 65 MB of them, for nothing that a clip needs."""
    finished(submit(clip_file("fake-flite.wav").read_bytes()))
    held = {pid: Path(f"/proc/{pid}/maps").read_text() for pid in descendants(worker.process.pid)}
    assert any("sklearn" in libraries for libraries in held.values())
    assert not [pid for pid, libraries in held.items() if "pyarrow" in libraries]


@pytest.mark.parametrize("victim", ["child", "whole worker"])
def test_kill_9_in_the_middle_of_a_clip_ends_in_one_verdict(
    champion, living_worker, submit, long_clip, victim
):
    worker = living_worker()
    prediction = submit(long_clip)
    wait_for(lambda: status_of(prediction) == Status.RUNNING, "the start")

    if victim == "child":
        os.kill(children(worker.process.pid)[0], signal.SIGKILL)
        wait_for(lambda: "WorkerLostError" in worker.said(), "the parent to notice")
    else:
        worker.kill()
    assert status_of(prediction) == Status.RUNNING, "it was caught in the middle"
    worker = living_worker()
    let_lease_end()

    finished(prediction)
    assert prediction.status == Status.DONE, prediction.error_code
    assert prediction.attempts == 2
    written = prediction.finished_at

    # A message that comes a second time, as after the broker's own timeout, changes nothing.
    from detector.tasks import judge

    again = judge.delay(str(prediction.pk))
    wait_for(lambda: f"{again.id}] succeeded" in worker.said(), "the second message")
    assert status_of(prediction) == Status.DONE
    assert (prediction.attempts, prediction.finished_at) == (2, written)


def test_behind_a_backlog_what_a_dead_worker_held_is_still_taken_up(champion, submit, tmp_path):
    from detector.tasks import sweep

    for _ in range(5):
        submit(b"RIFF0000WAVEfmt ")  # nobody works on the predict queue
    lost = PredictionFactory(running=True, lease_expires_at=timezone.now())
    upkeeper = processes.worker(tmp_path / "upkeep.log", "upkeep")
    try:
        sweep.delay()
        wait_for(lambda: status_of(lost) == Status.QUEUED, "the sweep")
    finally:
        upkeeper.stop()


def test_a_clip_that_crashes_its_decoder_twice_fails_and_the_worker_lives(
    champion, worker, submit, long_clip, clip_file
):
    before = children(worker.process.pid)
    # To look through all processes takes about as long as the clip takes to decode, so those
    # that start the decoders are found beforehand, and nobody sleeps between two looks.
    starters = [p for p in descendants(worker.process.pid) if "decode_child" in command_line(p)]
    prediction = submit(long_clip)
    deadline = time.monotonic() + 60
    while status_of(prediction) not in (Status.DONE, Status.FAILED):
        assert time.monotonic() < deadline, "the prediction does not end"
        for starter in starters:
            with suppress(FileNotFoundError, ProcessLookupError):
                for pid in Path(f"/proc/{starter}/task/{starter}/children").read_text().split():
                    os.kill(int(pid), signal.SIGKILL)

    assert (prediction.status, prediction.error_code) == (Status.FAILED, "decoder_crashed")
    assert prediction.attempts == 2
    assert children(worker.process.pid) == before, "no process of the pool was replaced"
    assert finished(submit(clip_file("fake-flite.wav").read_bytes())).status == Status.DONE
