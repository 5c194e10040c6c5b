"""The life of a prediction: one worker at a time, one verdict, whatever dies in between."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from detector import services, upkeep
from detector.engine.types import Picture
from detector.judging import judge_prediction
from detector.models import Clip, Prediction, Status
from detector.setbacks import PATIENCE
from tests.factories import ClipFactory, ModelVersionFactory, PredictionFactory, facts
from training.services import promote


@pytest.fixture
def result():
    """What a worker writes when it is done."""
    return {
        "facts": facts(),
        "picture": Picture(peaks=b"\xff", spectrogram=b"PNG"),
        "model_version": ModelVersionFactory(),
        "verdict": "FAKE",
        "probability": 0.9,
        "score": 2.2,
        "threshold": 0.7,
        "real_threshold": 0.3,
        "segments": [],
        "reasons": [{"code": "score_above_threshold", "weight": None, "params": {}}],
        "quality": {},
        "timings": {},
    }


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_exactly_one_gets_the_prediction():
    predictions = PredictionFactory.create_batch(20)
    start = Barrier(2)

    def work():
        start.wait()
        try:
            return [services.claim(prediction.pk) is not None for prediction in predictions]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        first, second = (future.result() for future in [pool.submit(work), pool.submit(work)])

    assert all(one != other for one, other in zip(first, second, strict=True))
    assert set(Prediction.objects.values_list("attempts", flat=True)) == {1}


def test_a_claimed_prediction_runs_under_a_lease_that_will_end(db):
    before = timezone.now()

    claimed = services.claim(PredictionFactory().pk)

    assert claimed.status == Status.RUNNING
    assert claimed.attempts == 1
    assert before < claimed.lease_expires_at < before + timedelta(minutes=1)
    assert claimed.started_at >= before


def test_a_second_start_keeps_the_time_of_the_first(db, lose_worker):
    first = services.claim(PredictionFactory().pk)
    lose_worker(first)

    assert services.claim(first.pk).started_at == first.started_at


@pytest.mark.parametrize("state", ["done", "failed"])
def test_what_has_ended_is_never_started_again(db, state):
    assert services.claim(PredictionFactory(**{state: True}).pk) is None


def test_the_verdict_is_written_with_the_facts_of_the_clip(db, result):
    prediction = services.claim(PredictionFactory().pk)

    assert services.finish(prediction, **result)

    prediction.refresh_from_db()
    assert (prediction.status, prediction.verdict, prediction.probability) == ("done", "FAKE", 0.9)
    assert prediction.finished_at
    assert prediction.lease is None
    assert Clip.objects.get().facts == facts()


def test_a_worker_that_lost_its_lease_writes_nothing(db, result, lose_worker):
    slow = services.claim(PredictionFactory().pk)
    lose_worker(slow)
    quick = services.claim(slow.pk)

    assert not services.finish(slow, **result | {"verdict": "REAL"})
    assert not services.fail(slow, code="internal_error")
    assert Clip.objects.get().facts == {}

    assert services.finish(quick, **result)
    assert not services.finish(slow, **result | {"verdict": "REAL"})
    slow.refresh_from_db()
    assert (slow.status, slow.verdict, slow.error_code) == ("done", "FAKE", "")


@pytest.mark.django_db(transaction=True)
def test_the_sweep_queues_again_what_a_dead_worker_held(lose_worker, messages):
    lost, living = (services.claim(PredictionFactory().pk) for _ in range(2))
    lose_worker(lost)

    upkeep.sweep()

    lost.refresh_from_db()
    living.refresh_from_db()
    assert (lost.status, lost.lease, lost.attempts) == (Status.QUEUED, None, 1)
    assert living.status == Status.RUNNING
    assert messages() == 1


@pytest.mark.django_db(transaction=True)
def test_three_lost_workers_end_the_prediction_with_a_code(lose_worker, messages):
    prediction = PredictionFactory()
    for _ in range(3):
        lose_worker(services.claim(prediction.pk))
        upkeep.sweep()

    prediction.refresh_from_db()
    assert (prediction.status, prediction.error_code) == (Status.FAILED, "worker_lost")
    assert prediction.attempts == 3
    assert messages() == 2
    assert services.claim(prediction.pk) is None


@pytest.mark.django_db(transaction=True)
def test_a_lost_message_is_sent_again(messages):
    minute_ago = timezone.now() - timedelta(minutes=1)
    PredictionFactory(sent_at=minute_ago)

    upkeep.sweep()
    assert messages() == 1

    upkeep.sweep()
    assert messages() == 1, "sent once, not with every sweep"


@pytest.mark.django_db(transaction=True)
def test_everything_waiting_comes_back_when_redis_was_emptied(
    owner, submit, messages, redis_server
):
    for _ in range(3):
        submit(owner)
    assert messages() == 3
    redis_server.flushall()
    Prediction.objects.update(sent_at=timezone.now() - timedelta(minutes=1))

    upkeep.sweep()

    assert messages() == 3


@pytest.mark.django_db(transaction=True)
def test_a_long_queue_is_not_sent_twice(owner, submit, messages):
    submit(owner)
    PredictionFactory(sent_at=timezone.now() - timedelta(minutes=1))

    upkeep.sweep()

    assert messages() == 1


@pytest.mark.django_db(transaction=True)
def test_a_clip_given_back_waits_again_at_once(messages):
    prediction = services.claim(PredictionFactory().pk)

    services.give_back(prediction)

    prediction.refresh_from_db()
    assert prediction.status == Status.QUEUED
    assert messages() == 1
    assert services.claim(prediction.pk).attempts == 2


def test_audio_that_is_gone_ends_the_prediction_with_that_code(owner, submit):
    promote(version=ModelVersionFactory())
    prediction = submit(owner)
    prediction.clip.audio.storage.delete(prediction.clip.audio.name)

    judge_prediction(prediction.pk)

    prediction.refresh_from_db()
    assert (prediction.status, prediction.error_code) == (Status.FAILED, "audio_missing")


def test_a_clip_that_this_machine_is_too_slow_for_is_tried_again(champion, submit, owner, too_slow):
    prediction = submit(owner)
    ends = []
    for _ in range(3):
        too_slow(Path(prediction.clip.audio.path), lambda: judge_prediction(prediction.pk))
        prediction.refresh_from_db()
        ends.append((prediction.status, prediction.error_code))

    assert ends == [("queued", ""), ("queued", ""), ("failed", "judging_timeout")]


def test_a_clip_waits_for_a_model_whose_file_is_gone(owner, submit):
    """The clip is not to blame, and a backup may bring the file back."""
    version = ModelVersionFactory()
    promote(version=version)
    prediction = submit(owner)
    version.artifact.storage.delete(version.artifact.name)

    judge_prediction(prediction.pk)
    prediction.refresh_from_db()
    assert (prediction.status, prediction.attempts) == (Status.QUEUED, 0)

    Prediction.objects.update(created_at=timezone.now() - PATIENCE)
    judge_prediction(prediction.pk)
    prediction.refresh_from_db()
    assert (prediction.status, prediction.error_code) == (Status.FAILED, "model_missing")


def test_without_a_model_the_prediction_says_so(owner, submit):
    prediction = submit(owner)

    judge_prediction(prediction.pk)

    prediction.refresh_from_db()
    assert (prediction.status, prediction.error_code) == (Status.FAILED, "no_model")


def test_a_model_that_cannot_be_loaded_ends_the_prediction_and_not_the_worker(owner, submit):
    promote(version=ModelVersionFactory())
    prediction = submit(owner)

    judge_prediction(prediction.pk)

    prediction.refresh_from_db()
    assert (prediction.status, prediction.error_code) == (Status.FAILED, "internal_error")


@pytest.mark.parametrize(
    ("constraint", "state"),
    [
        ("done_has_verdict", {"done": True, "verdict": ""}),
        ("done_has_verdict", {"done": True, "model_version": None}),
        ("done_has_verdict", {"done": True, "threshold": None}),
        ("done_has_verdict", {"done": True, "reasons": []}),
        ("done_has_verdict", {"done": True, "finished_at": None}),
        ("failed_has_code", {"failed": True, "error_code": ""}),
        ("failed_has_code", {"failed": True, "finished_at": None}),
        ("running_has_lease", {"running": True, "lease": None}),
        ("running_has_lease", {"running": True, "lease_expires_at": None}),
    ],
)
def test_the_database_refuses_states_that_must_not_be(db, constraint, state):
    clip = ClipFactory()
    with pytest.raises(IntegrityError, match=constraint):
        PredictionFactory(clip=clip, **state)
