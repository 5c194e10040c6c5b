"""A clock that jumps loses no clip, and nothing waits until it is where it was."""

from contextlib import closing
from datetime import timedelta

import pytest
from django.utils import timezone

from config.beat import Scheduler
from config.celery import app
from detector import services, upkeep
from detector.models import Prediction, Status
from tests.e2e.processes import wait_for
from tests.factories import PredictionFactory

pytestmark = pytest.mark.django_db

JUMPS = [timedelta(hours=1), timedelta(hours=-1)]


@pytest.fixture(params=JUMPS, ids=["forward", "back"])
def jumped(request, monkeypatch):
    """This host's clock, an hour off; the database's is right."""
    right = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: right() + request.param)


def test_a_living_workers_clip_is_not_taken_from_it(owner, jumped):
    prediction = services.claim(PredictionFactory(clip__owner=owner).pk)
    upkeep.sweep()
    assert services.claim(prediction.pk) is None
    prediction.refresh_from_db()
    assert (prediction.status, prediction.attempts) == (Status.RUNNING, 1)


def test_a_dead_workers_clip_is_taken_up(owner, jumped, django_capture_on_commit_callbacks):
    prediction = services.claim(PredictionFactory(clip__owner=owner).pk)
    Prediction.objects.update(lease_expires_at=prediction.lease_expires_at - timedelta(minutes=1))
    with django_capture_on_commit_callbacks(execute=True):
        upkeep.sweep()
    prediction.refresh_from_db()
    assert prediction.status == Status.QUEUED


def test_the_beat_goes_on_when_its_clock_is_set_back(redis_server, tmp_path, monkeypatch):
    often = {"sweep": {"task": "detector.sweep", "schedule": 0.01}}
    monkeypatch.setitem(app.conf, "beat_schedule", often)
    with closing(Scheduler(app, schedule_filename=str(tmp_path / "schedule"))) as scheduler:
        scheduler.tick()
        scheduler.schedule["sweep"].last_run_at += timedelta(hours=1)
        redis_server.delete("upkeep")

        def is_asked_for():
            scheduler.tick()
            return redis_server.llen("upkeep")

        wait_for(is_asked_for, "the next sweep", seconds=10)
