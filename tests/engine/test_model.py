import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from detector.engine import schemas
from detector.engine.model import Calibration, Model, columns_sha256, probability

SCHEMA = schemas.get("deepvoice-26")
CALIBRATION = {"slope": 2.0, "intercept": -0.5, "slope_log": 0.5, "shortest": 1.0, "longest": 8.0}


def learn(classifier):
    draw = np.random.default_rng(8)
    fake = draw.integers(0, 2, 300)
    features = draw.normal(size=(300, 26)) * draw.uniform(0.1, 5, 26) + fake[:, None] * 0.3
    features = features.astype(np.float32)
    manifest = {
        "name": "test",
        "schema": SCHEMA.name,
        "columns_sha256": columns_sha256(SCHEMA),
        "threshold": 0.9,
        "real_threshold": 0.4,
        "calibration": CALIBRATION,
        "reference": {
            "mean": features.mean(axis=0).tolist(),
            "scale": features.std(axis=0).tolist(),
            "novelty_limit": 2.0,
        },
    }
    pipeline = make_pipeline(StandardScaler(), classifier).fit(features, fake)
    return Model(pipeline, manifest), features


def test_shares_of_a_linear_model_add_up_to_its_distance_from_the_mean_voice():
    model, features = learn(LogisticRegression())
    windows = features[:5]
    shares = model.weights_of(SCHEMA.families, windows, seconds=4.0)
    assert set(shares) == set(SCHEMA.families)
    mean_voice = features.mean(axis=0, keepdims=True)
    here = model.llr(model.raw_scores(windows).mean(), 4.0)
    there = model.llr(model.raw_scores(mean_voice).mean(), 4.0)
    assert sum(shares.values()) == pytest.approx(float(here - there), abs=1e-4)


@pytest.mark.parametrize("classifier", [LogisticRegression(), SVC()], ids=["linear", "not linear"])
def test_removing_a_named_family_moves_the_score_as_said(classifier):
    model, features = learn(classifier)
    windows = features[10:14]
    score = model.llr(model.raw_scores(windows).mean(), 3.0)
    for family, share in model.weights_of(SCHEMA.families, windows, seconds=3.0).items():
        muted = windows.copy()
        muted[:, SCHEMA.families[family]] = features.mean(axis=0)[SCHEMA.families[family]]
        without = model.llr(model.raw_scores(muted).mean(), 3.0)
        assert float(score - without) == pytest.approx(share, abs=1e-3)


def test_a_machine_scores_as_scikit_learn_says():
    model, features = learn(SVC(gamma=0.05))
    expected = model._pipeline.decision_function(features)
    np.testing.assert_allclose(model.raw_scores(features), expected, atol=1e-5)


def test_calibration_trusts_longer_clips_more_but_not_without_end():
    calibration = Calibration(**CALIBRATION)
    assert calibration.llr(1.0, 4.0) == pytest.approx(2.0 + 0.5 * np.log(4) - 0.5)
    assert calibration.llr(1.0, 8.0) > calibration.llr(1.0, 2.0)
    assert calibration.llr(1.0, 600.0) == calibration.llr(1.0, 8.0)
    assert calibration.llr(1.0, 0.3) == calibration.llr(1.0, 1.0)


def test_probability_is_that_of_even_odds():
    assert probability(0.0) == 0.5
    assert probability(np.log(9)) == pytest.approx(0.9)
    assert probability(-2000.0) == 0.0


def test_novelty_is_one_for_the_usual_and_grows_with_strangeness():
    model, features = learn(LogisticRegression())
    usual = np.mean([model.novelty(row[None]) for row in features])
    assert usual == pytest.approx(1.0, abs=0.1)
    assert model.novelty(features[:1] + 100 * features.std(axis=0)) > 5 * usual
