import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from detector.engine.model import Model, pipeline_scores, probability
from training.learning.bundle import write_bundle
from training.learning.fitting import fit_networks, row_weights
from training.learning.metrics import auc, cllr
from training.learning.probe import probe_auc
from training.learning.recipe import Wanted, make_version
from training.learning.table import FACTS, FeatureTable


def draw_table(seed, n=600, split="train", told_by=None):
    """Clips of sources that shift all columns, and of a class that shifts the first six."""
    draw = np.random.default_rng(seed)
    fake = draw.integers(0, 2, n)
    source = draw.integers(0, 25, n)
    features = draw.normal(size=(n, 26)) + 0.5 * draw.normal(size=(25, 26))[source]
    features[:, :6] += 0.8 * fake[:, None]
    rows = pd.DataFrame(
        {
            "clip": [f"{seed}-{i}" for i in range(n)],
            "split": split,
            "label": np.where(fake == 1, "fake", "real"),
            "task": "",
            "generator": np.where(fake == 1, [f"{split}-engine-{k}" for k in source], ""),
            "speaker": [f"{split}-{seed}-voice-{k}" for k in source],
            "language": "en",
            "source_repo": [f"{split}-{seed}-source-{k}" for k in source],
            "copy": np.float32(0),
            **{fact: draw.random(n).astype(np.float32) for fact in FACTS},
        }
    )
    rows["seconds"] = np.float32(2.2)
    if told_by:
        rows[told_by] += 0.8 * fake
    return FeatureTable("deepvoice-26", features.astype(np.float32), rows)


def fit(features, fake, weight, seed):
    steps = make_pipeline(StandardScaler(), LogisticRegression(C=0.01))
    return steps.fit(features, fake, logisticregression__sample_weight=weight)


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
    scores = [
        pipeline_scores(
            fit_networks(table.features, table.fake, row_weights(table), seed), table.features
        )
        for seed in (1, 1, 2)
    ]
    assert np.array_equal(scores[0], scores[1])
    assert not np.array_equal(scores[0], scores[2])
    assert auc(table.fake, scores[0]) > 0.7


def test_the_probe_finds_a_fact_that_tells_the_classes_apart_and_only_then():
    assert probe_auc(draw_table(5)) < 0.6
    assert probe_auc(draw_table(5, told_by="bandwidth_hz")) > 0.75
