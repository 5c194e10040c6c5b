"""One run from a table to an evaluated version."""

import json
from dataclasses import replace

import numpy as np
import pytest

from detector.engine.model import Model
from tests.learning.tables import draw_table, with_test
from training.learning.bundle import dump
from training.learning.candidates import MODEL_TYPES, candidates
from training.learning.experiment import STEPS, Plan, Store, TooLittleError, run_experiment
from training.learning.held_out import judge_table
from training.learning.parallel import Workers
from training.learning.recipe import Wanted
from training.learning.table import FeatureTable

PLAN = Plan("voicetell-test", "logistic_regression", "quick", Wanted(), 1, "5" * 64)


def run(table, folder, plan=PLAN, workers=None, report=lambda *_: None):
    with workers or Workers() as processes:
        return run_experiment(table, plan, workers=processes, store=Store(folder), report=report)


@pytest.fixture(scope="module")
def table():
    return with_test()


@pytest.fixture(scope="module")
def made(table, tmp_path_factory):
    return run(table, tmp_path_factory.mktemp("run"))


def comparable(manifest):
    """A manifest without the moment at which it was made."""
    return json.dumps({**manifest, "created": ""}, sort_keys=True)


def test_the_same_table_and_seed_make_the_same_version_to_the_bit(table, made, tmp_path):
    again = run(table, tmp_path)
    assert again.artifact == made.artifact
    assert comparable(again.manifest) == comparable(made.manifest)


def test_another_seed_makes_another_version(table, made, tmp_path):
    other = run(table, tmp_path, replace(PLAN, seed=2))
    assert other.manifest["threshold"] != made.manifest["threshold"]


@pytest.mark.parametrize("model_type", MODEL_TYPES)
def test_every_type_makes_a_version_that_tells_the_classes_apart(model_type, table, tmp_path):
    made = run(table, tmp_path, replace(PLAN, name=model_type, model_type=model_type))
    assert Model.load(made.artifact, made.manifest).name == model_type
    assert made.manifest["model_type"] == model_type
    assert made.manifest["metrics"]["overall"]["auc"] > 0.75
    again = made.candidate(table.where(table.rows["split"] == "train"), PLAN.seed)
    assert dump(again) == made.artifact, "fitted again, it is the same to the bit"


def test_auto_tries_every_type_and_takes_the_best(table, tmp_path):
    made = run(table, tmp_path, replace(PLAN, model_type="auto"))
    tried = made.manifest["protocol"]["search"]
    assert {one["candidate"]["model_type"] for one in tried} == set(MODEL_TYPES)
    best = max(tried, key=lambda one: one["auc"])
    assert made.manifest["protocol"]["candidate"] == best["candidate"]


def test_a_larger_search_tries_more():
    assert len(candidates("auto", "quick")) < len(candidates("auto", "normal"))
    assert len(candidates("auto", "normal")) < len(candidates("auto", "thorough"))


def test_guarded_clips_change_nothing_but_the_figures(table, made, tmp_path):
    """No fit, search, calibration or threshold looks at them."""
    train = table.where(table.rows["split"] == "train")
    other = run(FeatureTable.join([train, draw_table(77, 200, split="dev")]), tmp_path)
    assert other.artifact == made.artifact
    for kept in ("threshold", "real_threshold", "calibration", "reference", "snapshot_sha256"):
        assert other.manifest[kept] == made.manifest[kept]
    assert other.manifest["metrics"] != made.manifest["metrics"]


def test_the_threshold_is_fixed_for_the_wanted_rate(table, made, tmp_path):
    lax = run(table, tmp_path, replace(PLAN, wanted=Wanted(fpr=0.2)))
    assert lax.manifest["threshold"] < made.manifest["threshold"]


def test_random_folds_flatter_and_are_named_as_leaky(tmp_path):
    """Where one recording has many rows, a fold drawn at random has heard it before."""
    table = with_test(apart=0.0)
    protocol = run(table, tmp_path, replace(PLAN, model_type="svm")).manifest["protocol"]
    assert abs(protocol["outer_folds"]["auc"] - 0.5) < 0.1
    copies = FeatureTable(
        table.schema, table.features + np.float32(1e-3), table.rows.assign(copy=np.float32(1))
    )
    both = FeatureTable.join([table, copies])
    made = run(both, tmp_path / "b", replace(PLAN, model_type="svm"))
    protocol = made.manifest["protocol"]
    assert abs(protocol["outer_folds"]["auc"] - 0.5) < 0.1
    assert protocol["leaky_folds"]["auc"] > protocol["outer_folds"]["auc"] + 0.1


class StoppedError(Exception):
    pass


@pytest.mark.parametrize("step", ["outer_folds", "calibrate", "evaluate"])
def test_a_run_that_was_stopped_goes_on_and_ends_the_same(step, table, made, tmp_path):
    def stop(reached, share):
        if reached == step and share > 0:
            raise StoppedError

    with pytest.raises(StoppedError):
        run(table, tmp_path, report=stop)
    done = []
    again = run(table, tmp_path, report=lambda *where: done.append(where))
    assert again.artifact == made.artifact
    assert comparable(again.manifest) == comparable(made.manifest)


def test_a_run_says_how_far_it_is(table, tmp_path):
    told = []
    run(table, tmp_path, report=lambda *where: told.append(where))
    steps = list(STEPS)
    places = [steps.index(step) + share for step, share in told]
    assert {step for step, _ in told} == set(steps)
    assert places == sorted(places)


def test_too_little_is_refused_with_its_reason(table, tmp_path):
    tested = draw_table(5, 60, split="dev")
    few = FeatureTable.join([table.where(np.arange(len(table.rows)) < 30), tested])
    with pytest.raises(TooLittleError) as refused:
        run(few, tmp_path)
    assert refused.value.code == "too_few_clips"
    one = draw_table(3, 200, sources=1)
    with pytest.raises(TooLittleError) as refused:
        run(FeatureTable.join([one, tested]), tmp_path)
    assert refused.value.code == "too_few_groups"


def test_a_clip_is_judged_from_its_windows_together(table, made):
    model = Model.load(made.artifact, made.manifest)
    two = table.where(np.arange(len(table.rows)) < 2)
    apart = judge_table(model, two)
    together = judge_table(
        model, FeatureTable(two.schema, two.features, two.rows.assign(clip="one"))
    )
    assert len(together) == 1
    raw = model.raw_scores(two.features)
    assert together["score"][0] == pytest.approx(float(model.llr(raw.mean(), apart["seconds"][0])))
    with pytest.raises(ValueError, match="voicetell-1"):
        judge_table(model, FeatureTable("voicetell-1", two.features, two.rows))
