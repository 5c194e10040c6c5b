"""What a version shows of itself follows from the clips that it judged."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from detector.engine import schemas
from detector.engine.model import Calibration, Model, probability
from training.learning import metrics
from training.learning.bundle import dump, make_manifest, rounded
from training.learning.evidence import HELD_OUT_MOST, evidence, importance


def judged_clips(n=400, seed=3):
    draw = np.random.default_rng(seed)
    fake = draw.integers(0, 2, n)
    score = draw.normal(size=n) * 2 + (fake * 2 - 1) * 1.5
    share = probability(score)
    return pd.DataFrame(
        {
            "label": np.where(fake == 1, "fake", "real"),
            "score": score,
            "probability": share,
            "verdict": np.select([share >= 0.8, share <= 0.4], ["FAKE", "REAL"], "INCONCLUSIVE"),
            "novelty": draw.gamma(4, 0.2, n),
            "file": [f"clips/{k}.wav" for k in range(n)],
        }
    )


@pytest.fixture(scope="module")
def judged():
    return judged_clips()


@pytest.fixture(scope="module")
def shown(judged):
    return evidence(judged, threshold=0.8)


def test_the_curve_holds_the_equal_error_rate_and_both_ends(judged, shown):
    pairs = np.array(shown["errors"])
    assert pairs[0].tolist() == [1, 0]
    assert pairs[-1].tolist() == [0, 1]
    assert (np.diff(pairs[:, 0]) <= 0).all()
    assert (np.diff(pairs[:, 1]) >= 0).all()
    eer = metrics.eer(np.asarray(judged["label"] == "fake", np.int8), judged["score"].to_numpy())
    assert np.abs(pairs - eer).max(axis=1).min() < 0.02


def test_the_point_at_the_threshold_is_what_the_verdicts_say(judged, shown):
    real, fake = (judged[judged["label"] == label] for label in ("real", "fake"))
    wanted = [(real["verdict"] == "FAKE").mean(), (fake["verdict"] != "FAKE").mean()]
    assert shown["at_threshold"] == pytest.approx(wanted)
    assert shown["confusion"]["real"]["FAKE"] == (real["verdict"] == "FAKE").sum()


def test_counts_add_up_to_all_clips(judged, shown):
    assert sum(shown["histogram"]["real"] + shown["histogram"]["fake"]) == len(judged)
    assert sum(entry["clips"] for entry in shown["reliability"]) == len(judged)
    assert sum(shown["usual"]["novelty"]["shares"]) == pytest.approx(1)


def test_every_clip_is_in_the_table_under_its_own_name(judged, shown):
    table = shown["held_out"]
    row = judged.iloc[17]
    place = table["clips"].index("17")
    assert table["scores"][place] == pytest.approx(row["score"], abs=0.001)
    assert table["fake"][place] == int(row["label"] == "fake")
    assert table["verdicts"][place] == row["verdict"]
    assert len(table["clips"]) == len(judged)


def test_of_very_many_clips_two_versions_keep_the_same():
    many = judged_clips(HELD_OUT_MOST + 500)
    kept = evidence(many, 0.8)["held_out"]["clips"]
    assert len(kept) == HELD_OUT_MOST
    assert evidence(many.sample(frac=1, random_state=1), 0.5)["held_out"]["clips"] == kept


def test_one_class_alone_has_no_curve_and_what_was_not_judged_is_counted(judged):
    real = judged[judged["label"] == "real"].copy()
    real.iloc[0, real.columns.get_loc("score")] = np.nan
    shown = evidence(real, 0.8)
    assert (shown["errors"], shown["at_threshold"]) == ([], None)
    assert sum(shown["confusion"]["real"].values()) == len(real)
    json.dumps(rounded(shown), allow_nan=False)


def test_a_family_that_says_nothing_has_no_importance():
    schema = schemas.get("deepvoice-26")
    draw = np.random.default_rng(0)
    fake = draw.integers(0, 2, 300).astype(np.int8)
    features = draw.normal(size=(300, len(schema.columns))).astype(np.float32)
    families = schema.families
    features[:, families["mfcc"]] += fake[:, None]
    features[:, families["chroma"]] = 0
    pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(features, fake)
    manifest = make_manifest(
        dump(pipeline),
        name="x",
        model_type="logistic_regression",
        schema=schema.name,
        calibration=Calibration(slope=1.0, intercept=0.0),
        threshold=0.9,
        real_threshold=0.4,
        reference={
            "mean": features.mean(axis=0).tolist(),
            "scale": (features.std(axis=0) + 1e-6).tolist(),
            "novelty_limit": 3.0,
        },
        seed=1,
        snapshot_sha256="0" * 64,
    )
    found = importance(Model(pipeline, manifest), features, fake)
    assert set(found) == set(families)
    assert max(found, key=lambda name: found[name]["auc_loss"]) == "mfcc"
    assert found["mfcc"]["auc_loss"] > 0.1
    assert found["chroma"] == {"weight": 0, "auc_loss": 0}
