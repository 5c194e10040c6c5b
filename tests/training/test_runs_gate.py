"""What the gate decides about a run, and what promotion and rollback do to verdicts."""

import pytest

from detector.judging import judge_of
from tests.training.material import (
    add_samples,
    engine,
    known_fakes,
    real,
    save_small_table,
    small_table,
)
from training import course
from training.learning.bundle import write_bundle
from training.learning.experiment import Plan, Store, run_experiment
from training.learning.held_out import judge_table
from training.learning.parallel import Workers
from training.learning.recipe import Wanted
from training.models import AliasName, PromotePolicy, RunState
from training.selectors import version_for
from training.services import promote, register_version
from training.services.promotion import roll_back
from training.services.runs import claim_next, start_run

QUICK = {"model_type": "logistic_regression", "search_size": "quick"}


@pytest.fixture(autouse=True)
def _base(settings, tmp_path):
    settings.BASE_TABLE = save_small_table(tmp_path)
    settings.RUNS_FOLDER = tmp_path / "runs"


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
def small_champion(small_bundle, db):
    version = register_version(bundle=small_bundle)
    promote(version=version)
    return version


def judged(version, rows):
    """Verdicts of a version on clips."""
    return list(judge_table(judge_of(version).model, rows)["verdict"])


def test_helpful_clips_pass_the_gate_change_verdicts_and_a_rollback_restores_them(
    small_champion, model_owner
):
    unseen = engine().where(engine().rows.index >= 80)
    before = judged(small_champion, unseen)
    add_samples(engine(), model_owner, count=24)
    add_samples(real(), model_owner, count=12)
    run = start_run(actor=model_owner, promote_policy=PromotePolicy.GATE, **QUICK)
    course.do(claim_next())
    run.refresh_from_db()

    assert run.state == RunState.DONE, run.error_code
    assert run.gate.passed, [check for check in run.gate.checks if check["worse"]]
    assert version_for(AliasName.CHAMPION) == run.version
    after = judged(run.version, unseen)
    assert after.count("FAKE") > before.count("FAKE") + len(unseen.rows) / 4

    assert roll_back(actor=model_owner) == small_champion
    assert judged(version_for(AliasName.CHAMPION), unseen) == before


def test_flipped_labels_are_stopped_by_the_gate(small_champion, model_owner):
    add_samples(real(), model_owner, count=60, label="fake")
    add_samples(known_fakes(), model_owner, count=60, label="real")
    run = start_run(actor=model_owner, promote_policy=PromotePolicy.GATE, **QUICK)
    course.do(claim_next())
    run.refresh_from_db()

    assert run.state == RunState.DONE, run.error_code
    assert not run.gate.passed
    assert version_for(AliasName.CHAMPION) == small_champion
