"""A trained model version: loading it safely, scoring windows, calibrating, explaining.

On disk a version is a folder, the *bundle*: ``model.skops`` (a fitted scikit-learn pipeline) and
``manifest.json`` (everything else: schema, calibration, thresholds, reference, metrics, card).
"""

import hashlib
import json
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC, LinearSVC
from skops import io as skops_io

from detector.engine import schemas
from detector.engine.schemas import Schema, SchemaError

FORMAT = 1
ARTIFACT = "model.skops"
MANIFEST = "manifest.json"

TRUSTED_TYPES = (
    "detector.engine.networks.GatedNetworks",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.tree._tree.Tree",
    "sklearn.utils._bunch.Bunch",
)
"""What a bundle may hold beyond skops's own list of scikit-learn and numpy types: parts of trees,
networks and ensembles, all plain data. None of them runs code of the file's choosing."""

_NOVELTY_CLIP = 8.0
_LOG_ODDS_LIMIT = 1e-6

MOST_EXPLAINED = 16

Features = NDArray[np.float32]
Scores = NDArray[np.float64]
Columns = slice | tuple[int, ...]
Group = TypeVar("Group", bound=Hashable)


class BundleError(Exception):
    """The bundle must not or cannot be used: it was changed, or this program does not fit it."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """From raw score to log-likelihood ratio: affine, with more trust in longer clips.

    ``llr = (slope + slope_log * t) * raw + intercept`` with `t` the natural log of the seconds
    scored, held within `shortest` and `longest`, the range that was fitted.
    """

    slope: float
    intercept: float
    slope_log: float = 0.0
    shortest: float = 1.0
    longest: float = 10.0

    def slope_at(self, seconds: float | Scores) -> Scores:
        """Log-likelihood units per unit of raw score."""
        t = np.log(np.clip(seconds, self.shortest, self.longest))
        return np.asarray(self.slope + self.slope_log * t)

    def llr(self, raw: float | Scores, seconds: float | Scores) -> Scores:
        """Calibrated log-likelihood ratio (natural log) of raw scores."""
        return np.asarray(self.slope_at(seconds) * raw + self.intercept)


def probability(llr: float | Scores) -> Scores:
    """Probability of FAKE at even prior odds."""
    return np.asarray(expit(llr))


def columns_sha256(schema: Schema) -> str:
    """Fingerprint of a schema's columns, so that a model never reads others than it learned."""
    return hashlib.sha256("\n".join(schema.columns).encode()).hexdigest()


class Model:
    """One model version, ready to score.

    Use `load` or `load_bundle`; the constructor trusts its arguments.

    Parameters
    ----------
    pipeline : scikit-learn estimator
        Fitted on rows of the schema's columns; class 1 is FAKE.
    manifest : mapping
        As in ``manifest.json``.
    """

    def __init__(self, pipeline: Any, manifest: Mapping[str, Any]) -> None:
        self.manifest = manifest
        self.name: str = manifest["name"]
        self.schema = schemas.get(manifest["schema"])
        self.threshold = float(manifest["threshold"])
        self.real_threshold = float(manifest["real_threshold"])
        self.calibration = Calibration(**manifest["calibration"])
        reference = manifest["reference"]
        self.novelty_limit = float(reference["novelty_limit"])
        self._mean = np.array(reference["mean"], dtype=np.float32)
        self._scale = np.array(reference["scale"], dtype=np.float32)
        self._pipeline = pipeline
        self._weights = _weights(pipeline)

    @classmethod
    def load(cls, artifact: bytes | Path, manifest: Mapping[str, Any]) -> Self:
        """Check a bundle's parts and load them.

        Parameters
        ----------
        artifact : bytes or Path
            ``model.skops``, or where it is.
        manifest : mapping
            The parsed ``manifest.json``.

        Raises
        ------
        BundleError
            The format or the schema is unknown, the artifact is not the one that the manifest
            describes, or it holds types that are not trusted; nothing of it has run then.
        """
        if manifest.get("format") != FORMAT:
            raise BundleError(f"unknown bundle format {manifest.get('format')!r}")
        _check_schema(manifest)
        content = artifact if isinstance(artifact, bytes) else artifact.read_bytes()
        if hashlib.sha256(content).hexdigest() != manifest["artifact_sha256"]:
            raise BundleError("the artifact is not the one that the manifest describes")
        return cls(_load_trusted(content), manifest)

    @classmethod
    def load_bundle(cls, folder: Path) -> Self:
        """Load the bundle in a folder; raises `BundleError` as `load` does."""
        try:
            manifest = json.loads((folder / MANIFEST).read_text())
            content = (folder / ARTIFACT).read_bytes()
        except (OSError, ValueError) as error:
            raise BundleError(f"no readable model bundle in {folder}: {error}") from error
        return cls.load(content, manifest)

    def raw_scores(self, features: Features) -> Scores:
        """Score windows: shape (n, n_columns) to (n,), uncalibrated, more is more synthetic."""
        return pipeline_scores(self._pipeline, features)

    def llr(self, raw: float | Scores, seconds: float | Scores) -> Scores:
        """Calibrated log-likelihood ratio of the raw score of `seconds` of audio."""
        return self.calibration.llr(raw, seconds)

    def usual_score(self, seconds: float) -> float:
        """Log-likelihood ratio of the mean voice of the training material."""
        return float(self.llr(self._usual_raw, seconds))

    @cached_property
    def _usual_raw(self) -> float:
        return float(self.raw_scores(self._mean[None])[0])

    def weights_of(
        self, groups: Mapping[Group, Columns], features: Features, seconds: float
    ) -> dict[Group, float]:
        """How far each group of columns moved the clip's score, in log-likelihood units.

        The weight of a group is what the clip's score loses when the group's columns are set to
        their mean over the training material. For a linear model the weights of all families add
        up exactly to the score's distance from that of the mean voice. For any other, that of at
        most `MOST_EXPLAINED` windows, spread over the clip, stands for all: cost has a limit.

        Parameters
        ----------
        groups : mapping
            Name to columns.
        features : ndarray of shape (n_windows, n_columns)
            The scored windows, at least one.
        seconds : float
            Seconds scored.
        """
        slope = float(self.calibration.slope_at(seconds))
        if self._weights is not None:
            prepare = self._pipeline[:-1].transform
            moved = prepare(features).mean(axis=0) - prepare(self._mean[None])[0]
            shares = slope * self._weights * moved
            return {name: float(shares[_place(columns)].sum()) for name, columns in groups.items()}
        if len(features) > MOST_EXPLAINED:
            chosen = np.linspace(0, len(features) - 1, MOST_EXPLAINED).round().astype(int)
            features = features[chosen]
        # All at once: a call costs more than the rows in it.
        rows = np.repeat(features[None], 1 + len(groups), axis=0)
        for row, columns in zip(rows[1:], groups.values(), strict=True):
            row[:, _place(columns)] = self._mean[_place(columns)]
        scores = self.raw_scores(rows.reshape(-1, features.shape[1]))
        score, *without = scores.reshape(len(rows), -1).mean(axis=1)
        return {
            name: slope * float(score - lost) for name, lost in zip(groups, without, strict=True)
        }

    def novelty(self, features: Features) -> float:
        """How unlike the training material a clip is, given its windows: 1 is the usual distance.

        Root mean square over the columns of the standardised mean window, each held within 8, so
        that a single odd column does not decide.
        """
        return float(self.novelties(features.mean(axis=0, dtype=np.float64)[None])[0])

    def novelties(self, means: Scores) -> Scores:
        """Novelty of many clips, given their mean windows: (n, n_columns) to (n,)."""
        z = np.clip((means - self._mean) / self._scale, -_NOVELTY_CLIP, _NOVELTY_CLIP)
        return np.asarray(np.sqrt(np.mean(z**2, axis=1)))


def _place(columns: Columns) -> slice | list[int]:
    """As NumPy wants it: it takes a tuple for several axes."""
    return columns if isinstance(columns, slice) else list(columns)


def pipeline_scores(pipeline: Any, features: Features) -> Scores:
    """Score rows by a fitted estimator: its decision function, else its log odds of class 1."""
    if _is_gaussian_machine(pipeline):
        return _machine_scores(pipeline[-1], pipeline[:-1].transform(features))
    if hasattr(pipeline, "decision_function"):
        return np.asarray(pipeline.decision_function(features), dtype=np.float64)
    share = pipeline.predict_proba(features)[:, 1]
    share = np.clip(share, _LOG_ODDS_LIMIT, 1 - _LOG_ODDS_LIMIT)
    return np.asarray(np.log(share) - np.log1p(-share), dtype=np.float64)


def _is_gaussian_machine(pipeline: Any) -> bool:
    last = pipeline[-1] if isinstance(pipeline, Pipeline) and len(pipeline) > 1 else None
    return isinstance(last, SVC) and last.kernel == "rbf" and len(last.classes_) == 2


def _machine_scores(machine: SVC, rows: Features) -> Scores:
    """Compute the machine's decision function as matrix products.

    libsvm takes vector by vector, and is slower by an order of magnitude.
    """
    vectors = machine.support_vectors_
    distance = np.square(rows).sum(axis=1)[:, None] + np.square(vectors).sum(axis=1)
    distance -= 2 * rows @ vectors.T
    kernel = np.exp(-machine._gamma * np.maximum(distance, 0))
    return np.asarray(kernel @ machine.dual_coef_[0] + machine.intercept_[0], dtype=np.float64)


def _check_schema(manifest: Mapping[str, Any]) -> None:
    try:
        schema = schemas.get(manifest["schema"])
    except KeyError as error:
        raise BundleError(f"unknown feature schema {manifest.get('schema')!r}") from error
    except SchemaError as error:
        raise BundleError(str(error)) from error
    if columns_sha256(schema) != manifest["columns_sha256"]:
        raise BundleError(f"the columns of schema {schema.name} are not those it was trained on")


def _load_trusted(content: bytes) -> Any:
    try:
        untrusted = set(skops_io.get_untrusted_types(data=content)) - set(TRUSTED_TYPES)
        if untrusted:
            raise BundleError(f"the artifact holds types that are not trusted: {untrusted}")
        return skops_io.loads(content, trusted=list(TRUSTED_TYPES))
    except BundleError:
        raise
    except Exception as error:
        raise BundleError(f"the artifact cannot be read: {error}") from error


def _weights(pipeline: Any) -> Scores | None:
    """Weights of a linear classifier behind steps that change each column by itself."""
    steps = [step for _, step in getattr(pipeline, "steps", [])]
    by_column = all(isinstance(step, StandardScaler | MinMaxScaler) for step in steps[:-1])
    if not steps or not by_column or not isinstance(steps[-1], LogisticRegression | LinearSVC):
        return None
    return np.asarray(steps[-1].coef_[0], dtype=np.float64)
