import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from detector.engine.model import Model, pipeline_scores, probability
from tests.learning.tables import draw_table
from training.learning.bundle import write_bundle
from training.learning.fitting import fit_networks, row_weights
from training.learning.metrics import auc, cllr
from training.learning.probe import probe_auc
from training.learning.recipe import Wanted, make_version


def fit(table, seed):
    steps = make_pipeline(StandardScaler(), LogisticRegression(C=0.01))
    weight = row_weights(table)
    return steps.fit(table.features, table.fake, logisticregression__sample_weight=weight)


@pytest.fixture(scope="module")
def made():
    return make_version(draw_table(1), name="voicetell-test", seed=1, wanted=Wanted(), fit=fit)


def test_a_version_is_calibrated_for_voices_it_never_heard(made):
    artifact, manifest = made
    model, held_out = Model.load(artifact, manifest), draw_table(2, split="dev")
    raw = model.raw_scores(held_out.features)
    llr = model.llr(raw, held_out.rows["seconds"].to_numpy(dtype=float))
    assert cllr(held_out.fake, llr) < 0.75
    real = probability(llr[held_out.fake == 0])
    assert np.mean(real >= model.threshold) <= 0.08
    assert model.real_threshold <= 0.5 < model.threshold


def test_a_version_names_what_it_was_made_of(made, tmp_path):
    artifact, manifest = made
    assert manifest["snapshot_sha256"] == draw_table(1).sha256() != draw_table(3).sha256()
    assert manifest["seed"] == 1
    assert set(manifest["libraries"]) == {"numpy", "scipy", "scikit-learn", "skops"}
    write_bundle(tmp_path / "model", artifact, manifest)
    assert Model.load_bundle(tmp_path / "model").name == "voicetell-test"


def test_the_same_table_and_seed_make_the_same_scores():
    table = draw_table(4, n=300)
    scores = [pipeline_scores(fit_networks(table, seed), table.features) for seed in (1, 1, 2)]
    assert np.array_equal(scores[0], scores[1])
    assert not np.array_equal(scores[0], scores[2])
    assert auc(table.fake, scores[0]) > 0.7


def test_the_probe_finds_a_fact_that_tells_the_classes_apart_and_only_then():
    assert probe_auc(draw_table(5)) < 0.6
    assert probe_auc(draw_table(5, told_by="bandwidth_hz")) > 0.75
