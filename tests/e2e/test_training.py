"""A real train worker: killed, cancelled and stopped by the gate; the champion is never harmed."""

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.e2e.processes import Program, command_line, descendants, environment_of_tests, wait_for
from tests.factories import UserFactory
from tests.training.material import (
    add_samples,
    engine,
    known_fakes,
    real,
    save_small_table,
    small_table,
)
from training.learning.bundle import write_bundle
from training.learning.experiment import Plan, Store, run_experiment
from training.learning.held_out import judge_table
from training.learning.parallel import Workers
from training.learning.recipe import Wanted
from training.models import (
    AliasName,
    ModelVersion,
    PromotePolicy,
    RunState,
    TrainingRun,
)
from training.selectors import version_for
from training.services import promote, register_version, runs
from training.services.promotion import roll_back
from training.services.runs import cancel_run, start_run
from training.steps import STEPS

pytestmark = [pytest.mark.stack, pytest.mark.django_db(transaction=True)]

QUICK = {"model_type": "logistic_regression", "search_size": "quick"}
STEPS_THAT_LAST = ["extract", "gather", "outer_folds", "calibrate", "leaky_folds", "evaluate"]


@pytest.fixture(scope="session")
def table_file(tmp_path_factory):
    return save_small_table(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="session")
def small_bundle(tmp_path_factory):
    """A version that learned from the small table alone."""
    folder = tmp_path_factory.mktemp("champion")
    plan = Plan("small-1", "logistic_regression", "quick", Wanted(), 1, "0" * 64)
    with Workers() as workers:
        made = run_experiment(
            small_table(),
            plan,
            workers=workers,
            store=Store(folder / "steps"),
            report=lambda *_: None,
        )
    write_bundle(folder / "bundle", made.artifact, made.manifest)
    return folder / "bundle"


@pytest.fixture
def small_champion(small_bundle, transactional_db):
    version = register_version(bundle=small_bundle)
    promote(version=version)
    return version


@pytest.fixture
def trainer(transactional_db):
    return UserFactory(email="trainer@example.org", role="owner")


@pytest.fixture
def train_worker(transactional_db, settings, tmp_path, table_file):
    """A train worker as `up` starts it, on the small base table."""
    settings.BASE_TABLE = table_file
    env = environment_of_tests() | {"VOICETELL_BASE_TABLE": str(table_file)}
    argv = [sys.executable, "-m", "celery", "-A", "config", "worker", "--queues", "train"]
    argv += ["--concurrency", "1", "--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    programs = []

    def start():
        programs.append(Program(argv, tmp_path / f"{len(programs)}.log", env))
        return programs[-1]

    yield start
    for program in programs:
        if program.process.poll() is None:
            program.kill()


@pytest.fixture
def taught(champion, trainer):
    add_samples(engine(), trainer, count=40)
    add_samples(real(), trainer, count=20)


def state_of(run):
    run.refresh_from_db()
    return run.state


def reached(run, step):
    """Whether a run is at a step, or beyond."""
    run.refresh_from_db()
    names = list(STEPS)
    return not run.is_open or (run.step and names.index(run.step) >= names.index(step))


def finished(run, what="the run's end"):
    wait_for(lambda: not TrainingRun.objects.get(pk=run.pk).is_open, what, seconds=240)
    run.refresh_from_db()
    return run


def process_of(worker):
    """The process in which the run runs."""
    for pid in descendants(worker.process.pid):
        if "train_run" in command_line(pid):
            return pid
    return None


def test_a_run_that_is_killed_at_any_step_is_taken_up_and_ends_well(
    taught, champion, trainer, train_worker
):
    """Each step's process is killed once; the lost attempts are forgiven, as time would."""
    run = start_run(actor=trainer, **QUICK)
    worker = train_worker()
    for step in STEPS_THAT_LAST:
        wait_for(lambda step=step: reached(run, step), step, seconds=120)
        pid = process_of(worker)
        if pid and run.state == RunState.RUNNING:
            TrainingRun.objects.filter(pk=run.pk).update(attempts=1)
            attempt = run.started_at
            os.kill(pid, signal.SIGKILL)
            wait_for(
                lambda attempt=attempt: not reached(run, "register") and run.started_at != attempt,
                "the next attempt",
                seconds=120,
            )
        assert version_for(AliasName.CHAMPION) == champion
    finished(run)

    assert run.state == RunState.DONE, (run.error_code, worker.said())
    assert ModelVersion.objects.filter(run=run).count() == 1
    assert any("lost" in line["text"] for line in run.log)


def test_a_worker_that_is_killed_takes_its_process_with_it_and_another_goes_on(
    taught, trainer, train_worker
):
    run = start_run(actor=trainer, **QUICK)
    worker = train_worker()
    wait_for(lambda: reached(run, "outer_folds"), "the folds", seconds=120)
    pid = process_of(worker)
    os.kill(worker.process.pid, signal.SIGKILL)
    worker.kill()
    if pid:
        wait_for(lambda: not Path(f"/proc/{pid}").exists(), "the end of the run's process")
    TrainingRun.objects.filter(state=RunState.RUNNING).update(lease_expires_at=run.created_at)
    runs.sweep_runs()
    train_worker()
    finished(run)

    assert run.state == RunState.DONE, run.error_code


@pytest.mark.parametrize("step", ["gather", "outer_folds", "calibrate", "evaluate"])
def test_a_run_can_be_cancelled_at_any_step(step, taught, champion, trainer, train_worker):
    run = start_run(actor=trainer, **QUICK)
    worker = train_worker()
    wait_for(lambda: reached(run, step), step, seconds=120)
    asked = cancel_run(run=run, actor=trainer)
    finished(run)

    if asked:
        assert run.state == RunState.CANCELLED
        assert run.version is None
    assert version_for(AliasName.CHAMPION) == champion
    wait_for(lambda: process_of(worker) is None, "the end of its process")


def judged(version, rows):
    """Verdicts of a version on clips."""
    from detector.judging import judge_of

    return list(judge_table(judge_of(version).model, rows)["verdict"])


def test_helpful_clips_pass_the_gate_change_verdicts_and_a_rollback_restores_them(
    small_champion, trainer, train_worker
):
    unseen = engine().where(engine().rows.index >= 80)
    before = judged(small_champion, unseen)
    add_samples(engine(), trainer, count=60)
    add_samples(real(), trainer, count=30)
    run = start_run(actor=trainer, promote_policy=PromotePolicy.GATE, **QUICK)
    train_worker()
    finished(run)

    assert run.state == RunState.DONE, run.error_code
    assert run.gate.passed, [check for check in run.gate.checks if check["worse"]]
    assert version_for(AliasName.CHAMPION) == run.version
    after = judged(run.version, unseen)
    assert after.count("FAKE") > before.count("FAKE") + len(unseen.rows) / 4

    assert roll_back(actor=trainer) == small_champion
    assert judged(version_for(AliasName.CHAMPION), unseen) == before


def test_flipped_labels_are_stopped_by_the_gate(small_champion, trainer, train_worker):
    add_samples(real(), trainer, count=60, label="fake")
    add_samples(known_fakes(), trainer, count=60, label="real")
    run = start_run(actor=trainer, promote_policy=PromotePolicy.GATE, **QUICK)
    train_worker()
    finished(run)

    assert run.state == RunState.DONE, run.error_code
    assert not run.gate.passed
    assert version_for(AliasName.CHAMPION) == small_champion
