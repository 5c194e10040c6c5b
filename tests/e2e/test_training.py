"""A real train worker: its run is killed and cancelled at each step; the champion stays.

A run on the small table goes through most steps faster than anybody could aim. So the database
holds it: a trigger on the run's log waits, at the first word of a step, for a lock that the test
has. There the run's process is stopped (SIGSTOP) until the test is done with it.

The suite takes a few steps; ``TRAINING_STEPS=all`` takes each.
"""

import os
import signal
import sys
from itertools import zip_longest

import pytest
from django.db import connection
from django.utils import timezone

from tests.e2e.processes import Program, command_line, descendants, environment_of_tests, wait_for
from tests.factories import UserFactory
from tests.training.material import add_samples, engine, real, save_small_table
from training.models import AliasName, ModelVersion, RunState, TrainingRun
from training.selectors import version_for
from training.services.runs import cancel_run, start_run, sweep_runs
from training.steps import STEPS

pytestmark = [pytest.mark.stack, pytest.mark.django_db(transaction=True)]

QUICK = {"model_type": "logistic_regression", "search_size": "quick"}
ALL = os.environ.get("TRAINING_STEPS") == "all"
KILLED_AT = list(STEPS) if ALL else ["outer_folds", "register"]
CANCELLED_AT = list(STEPS) if ALL else ["calibrate"]

HOLD = """
CREATE OR REPLACE FUNCTION hold_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_advisory_xact_lock(hashtext(NEW.step)); RETURN NEW; END $$;
CREATE TRIGGER hold_run BEFORE UPDATE OF log ON training_trainingrun
FOR EACH ROW EXECUTE FUNCTION hold_run();
"""
HELD = """
SELECT 1 FROM pg_locks
WHERE locktype = 'advisory' AND NOT granted AND database = (
    SELECT oid FROM pg_database WHERE datname = current_database()
)
"""


def sql(text, *values):
    with connection.cursor() as cursor:
        cursor.execute(text, values or None)
        return cursor.fetchall() if cursor.description else None


@pytest.fixture(scope="session")
def table_file(tmp_path_factory):
    return save_small_table(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="session")
def _train_workers(django_db_setup, django_db_blocker, services, tmp_path_factory, table_file):
    """One train worker for all tests; who kills it gets the next one."""
    folder = tmp_path_factory.mktemp("trainers")
    argv = [sys.executable, "-m", "celery", "-A", "config", "worker", "--queues", "train"]
    argv += ["--concurrency", "1", "--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    started = []

    def living():
        if not started or started[-1].process.poll() is not None:
            env = environment_of_tests() | {
                "VOICETELL_BASE_TABLE": str(table_file),
                "VOICETELL_TRAIN_NICENESS": "0",  # else a busy machine makes the tests slow
            }
            program = Program(argv, folder / f"{len(started)}.log", env)
            started.append(program)
            wait_for(lambda: " ready." in program.said() or program.fail_if_ended(), "a worker")
        return started[-1]

    yield living
    for program in started:
        if program.process.poll() is None:
            program.kill()


@pytest.fixture
def living_worker(_train_workers, transactional_db, settings, table_file):
    """Return a function that gives the train worker, or a new one where it was killed."""
    settings.BASE_TABLE = table_file
    sql(HOLD)
    yield _train_workers
    sql("SELECT pg_advisory_unlock_all()")
    # What a failed test left running would go on in the next one's database.
    for run in TrainingRun.objects.all():
        cancel_run(run=run, actor=run.started_by)
    wait_for(lambda: run_process(_train_workers()) is None, "the end of what runs")
    sql("DROP TRIGGER hold_run ON training_trainingrun")


@pytest.fixture
def trainer(transactional_db):
    return UserFactory(email="trainer@example.org", role="owner")


@pytest.fixture
def taught(champion, trainer):
    add_samples(engine(), trainer, count=40)
    add_samples(real(), trainer, count=20)


def run_process(worker):
    """The process in which a run is done, if there is one."""
    return next(
        (p for p in descendants(worker.process.pid) if "train_run" in command_line(p)), None
    )


def hold_at(step):
    """Have the next run that comes to a step wait there."""
    sql("SELECT pg_advisory_lock(hashtext(%s))", step)


def stopped_at(step, worker):
    """Wait until a run is held, and return its process: it stands still, the row is free."""
    wait_for(lambda: sql(HELD), f"{step}\n{worker.said()[-2000:]}", seconds=300)
    process = run_process(worker)
    os.kill(process, signal.SIGSTOP)
    sql("SELECT pg_advisory_unlock(hashtext(%s))", step)
    assert TrainingRun.objects.get(state=RunState.RUNNING).step == step
    return process


def ended(run):
    """Wait for a run's end."""

    def over():
        run.refresh_from_db()
        return not run.is_open

    wait_for(over, "the run's end", seconds=300)
    return run


def test_a_run_whose_process_is_killed_goes_on_and_ends_well(
    taught, champion, trainer, living_worker
):
    worker = living_worker()
    hold_at(KILLED_AT[0])
    run = start_run(actor=trainer, **QUICK)
    for step, following in zip_longest(KILLED_AT, KILLED_AT[1:]):
        process = stopped_at(step, worker)
        if following:
            hold_at(following)
        TrainingRun.objects.update(attempts=1)  # a run may be lost twice, not at every step
        os.kill(process, signal.SIGKILL)
        assert version_for(AliasName.CHAMPION) == champion
    ended(run)

    assert run.state == RunState.DONE, (run.error_code, worker.said())
    assert run.attempts == 2
    assert ModelVersion.objects.exclude(pk=champion.pk).get() == run.version
    assert version_for(AliasName.CHAMPION) == champion
    assert version_for(AliasName.CHALLENGER) == run.version
    lost = [line for line in run.log if "lost" in line["text"]]
    assert len(lost) == len(KILLED_AT)


def test_a_worker_that_is_killed_takes_the_run_with_it_and_another_goes_on(
    taught, champion, trainer, living_worker
):
    hold_at("search")
    run = start_run(actor=trainer, **QUICK)
    worker = living_worker()
    process = stopped_at("search", worker)
    os.kill(worker.process.pid, signal.SIGKILL)
    worker.process.wait()
    wait_for(lambda: not command_line(process), "the end of the run's process")
    run.refresh_from_db()
    assert run.state == RunState.RUNNING
    TrainingRun.objects.update(lease_expires_at=timezone.now())  # as half a minute would
    sweep_runs()
    living_worker()
    ended(run)

    assert (run.state, run.attempts) == (RunState.DONE, 2), run.error_code
    assert version_for(AliasName.CHAMPION) == champion


@pytest.mark.parametrize("step", CANCELLED_AT)
def test_a_run_that_is_cancelled_ends_at_once_and_leaves_nothing(
    step, taught, champion, trainer, living_worker
):
    worker = living_worker()
    hold_at(step)
    run = start_run(actor=trainer, **QUICK)
    process = stopped_at(step, worker)

    assert cancel_run(run=run, actor=trainer)
    ended(run)

    assert (run.state, run.version) == (RunState.CANCELLED, None)
    assert list(ModelVersion.objects.all()) == [champion]
    assert version_for(AliasName.CHAMPION) == champion
    wait_for(lambda: not command_line(process), "the end of its process")
