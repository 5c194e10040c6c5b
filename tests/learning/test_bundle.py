import hashlib
import json

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC
from skops import io as skops_io

from detector.engine import schemas
from detector.engine.model import BundleError, Calibration, Model
from training.learning.bundle import dump, make_manifest, write_bundle

SCHEMA = schemas.get("deepvoice-26")


@pytest.fixture(scope="module")
def material():
    draw = np.random.default_rng(5)
    fake = draw.integers(0, 2, 200)
    features = draw.normal(size=(200, len(SCHEMA.columns))) + fake[:, None] * 0.5
    return features.astype(np.float32), fake


def described(artifact, features):
    return make_manifest(
        artifact,
        name="voicetell-test",
        model_type="logistic_regression",
        schema=SCHEMA.name,
        calibration=Calibration(slope=1.5, intercept=-0.25, slope_log=0.5),
        threshold=0.9,
        real_threshold=0.4,
        reference={
            "mean": features.mean(axis=0).tolist(),
            "scale": features.std(axis=0).tolist(),
            "novelty_limit": 3.0,
        },
        seed=1,
        snapshot_sha256="0" * 64,
    )


@pytest.fixture(scope="module")
def linear(material):
    features, fake = material
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(features, fake)


@pytest.fixture
def bundle(tmp_path, linear, material):
    artifact = dump(linear)
    write_bundle(tmp_path / "model", artifact, described(artifact, material[0]))
    return tmp_path / "model"


def change_manifest(bundle, **changes):
    manifest = json.loads((bundle / "manifest.json").read_text()) | changes
    (bundle / "manifest.json").write_text(json.dumps(manifest))


def test_a_written_bundle_scores_as_the_pipeline_did(bundle, linear, material):
    model = Model.load_bundle(bundle)
    np.testing.assert_allclose(
        model.raw_scores(material[0]), linear.decision_function(material[0]), rtol=1e-5
    )


@pytest.mark.parametrize(
    "classifier",
    [
        RandomForestClassifier(20, random_state=0),
        SVC(),
        HistGradientBoostingClassifier(max_iter=20),
    ],
    ids=lambda classifier: type(classifier).__name__,
)
def test_every_kind_of_model_that_a_retrain_may_choose_can_be_loaded(classifier, material):
    features, fake = material
    artifact = dump(make_pipeline(StandardScaler(), classifier).fit(features, fake))
    model = Model.load(artifact, described(artifact, features))
    scores = model.raw_scores(features)
    assert scores[fake == 1].mean() > scores[fake == 0].mean()


def test_one_changed_byte_is_refused(bundle):
    content = bytearray((bundle / "model.skops").read_bytes())
    content[len(content) // 2] ^= 1
    (bundle / "model.skops").write_bytes(content)
    with pytest.raises(BundleError, match="not the one"):
        Model.load_bundle(bundle)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": 2}, "format"),
        ({"schema": "voicetell-99"}, "schema"),
        ({"columns_sha256": "0" * 64}, "columns"),
    ],
)
def test_what_this_program_does_not_fit_is_refused(bundle, changes, message):
    change_manifest(bundle, **changes)
    with pytest.raises(BundleError, match=message):
        Model.load_bundle(bundle)


def plant(values):
    """Stands for code that a stranger wants to run: its name is what the bundle carries."""
    plant.ran = True
    return values


def test_foreign_code_is_refused_before_anything_of_it_runs(material):
    features, fake = material
    steps = make_pipeline(FunctionTransformer(plant), LogisticRegression()).fit(features, fake)
    artifact = skops_io.dumps(steps)
    plant.ran = False
    with pytest.raises(BundleError, match="not trusted"):
        Model.load(artifact, described(artifact, features))
    assert plant.ran is False


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 broken"])
def test_garbage_is_refused(content, linear, material):
    manifest = described(dump(linear), material[0])
    manifest["artifact_sha256"] = hashlib.sha256(content).hexdigest()
    with pytest.raises(BundleError):
        Model.load(content, manifest)


def test_a_missing_bundle_says_where_it_looked(tmp_path):
    with pytest.raises(BundleError, match="nothing-here"):
        Model.load_bundle(tmp_path / "nothing-here")


def test_a_bundle_that_cannot_be_loaded_replaces_nothing(bundle, material):
    before = (bundle / "manifest.json").read_bytes()
    manifest = json.loads(before) | {"artifact_sha256": "0" * 64}
    with pytest.raises(BundleError):
        write_bundle(bundle, b"broken", manifest)
    assert (bundle / "manifest.json").read_bytes() == before
    assert [path.name for path in bundle.parent.iterdir()] == ["model"]


def test_writing_again_replaces_the_whole_bundle(bundle, linear, material):
    (bundle / "left-over").touch()
    artifact = dump(linear)
    write_bundle(bundle, artifact, described(artifact, material[0]) | {"name": "voicetell-next"})
    assert Model.load_bundle(bundle).name == "voicetell-next"
    assert not (bundle / "left-over").exists()
    assert "voicetell-next" in (bundle / "CARD.md").read_text()
