"""Banks of small networks with dropout, and the gate among them.

scikit-learn's networks know no dropout, which was worth a point of equal error rate on voices that
nobody trained on (docs/research.md). So they are trained here.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import MinMaxScaler

from detector.engine.networks import GatedNetworks
from training.learning.metrics import Labels, Scores

UNITS = 32
ROUNDS = 20
BATCH = 256
FEWEST_STEPS = 100
"""A small table is gone through more often."""
RATE = 2e-3
WARM_UP = 0.2
"""Share of the steps in which the learning rate rises to `RATE`; it falls in the others."""
DECAY = 0.05
DROPOUT = 0.3
"""Share of the columns, and of the units, that a step does without."""
GATE_C = 0.0005
TRUST_IN_CLEAN = 1.0
"""Log odds given to clips as they are: there the other experts cost more than they help."""
_MEAN_KEEPS, _SQUARE_KEEPS, _TINY = 0.9, 0.999, 1e-8

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Bank:
    """Weights of networks side by side, each with one layer of `UNITS` rectified units.

    Attributes
    ----------
    hidden : ndarray of shape (n_columns, n_networks * UNITS)
    hidden_bias : ndarray of shape (n_networks * UNITS,)
    out : ndarray of shape (n_networks, UNITS)
    out_bias : ndarray of shape (n_networks,)
    """

    hidden: Array
    hidden_bias: Array
    out: Array
    out_bias: Array


@dataclass(frozen=True)
class Gate:
    """Log odds of each kind of rows: weights of shape (n_columns, n_kinds), biases (n_kinds,)."""

    weights: Array
    bias: Array


def gated(scaler: MinMaxScaler, banks: list[Bank], gate: Gate) -> GatedNetworks:
    """Put banks, and what tells their kinds of rows apart, into one classifier."""
    out = np.zeros((sum(bank.out.size for bank in banks), len(banks)), np.float32)
    start = 0
    for place, bank in enumerate(banks):
        out[start : start + bank.out.size, place] = bank.out.ravel() / len(bank.out)
        start += bank.out.size
    return GatedNetworks(
        scaler,
        np.concatenate([bank.hidden for bank in banks], axis=1),
        np.concatenate([bank.hidden_bias for bank in banks]),
        out,
        np.array([bank.out_bias.mean() for bank in banks]),
        gate.weights,
        gate.bias,
    )


def train_gate(rows: Array, kind: NDArray[np.integer]) -> Gate:
    """Learn to tell the kinds of rows apart, whatever their label, all kinds counting alike.

    Parameters
    ----------
    rows : ndarray of shape (n, n_columns)
        Standardised.
    kind : ndarray of shape (n,)
        Of each row; 0, clips as they are, and all up to the highest are there.
    """
    if not kind.any():
        return Gate(np.zeros((rows.shape[1], 1), np.float32), np.zeros(1, np.float32))
    fitted = LogisticRegression(C=GATE_C, class_weight="balanced", max_iter=200).fit(rows, kind)
    weights, bias = fitted.coef_.T, fitted.intercept_
    if len(fitted.classes_) == 2:
        weights, bias = np.hstack([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    bias[0] += TRUST_IN_CLEAN
    return Gate(weights.astype(np.float32), bias.astype(np.float32))


def train_bank(rows: Array, fake: Labels, weight: Scores, *, members: int, seed: int) -> Bank:
    """Train so many networks by AdamW, each batch drawn by the rows' weights.

    Parameters
    ----------
    rows : ndarray of shape (n, n_columns)
        Standardised.
    fake, weight : ndarray of shape (n,)
    members : int
        Networks.
    seed : int

    References
    ----------
    Srivastava, N. et al. (2014). Dropout: a simple way to prevent neural networks from overfitting.
    JMLR 15.
    Loshchilov, I. and Hutter, F. (2019). Decoupled weight decay regularization. ICLR.
    """
    draw = np.random.default_rng(seed)
    n, columns = rows.shape
    share = np.cumsum(weight) / np.sum(weight)
    weights = [
        _normal(draw, columns, members * UNITS) / np.float32(np.sqrt(columns)),
        np.zeros(members * UNITS, np.float32),
        _normal(draw, members, UNITS) / np.float32(np.sqrt(UNITS)),
        np.zeros(members, np.float32),
    ]
    descent = _AdamW(weights)
    steps = max(FEWEST_STEPS, ROUNDS * n // BATCH)
    for step in range(steps):
        chosen = np.searchsorted(share, draw.random(BATCH)).clip(max=n - 1)
        batch = rows[chosen] * _dropout(draw, BATCH, columns)
        slopes = _slopes(weights, batch, fake[chosen], _dropout(draw, BATCH, members * UNITS))
        descent.step(slopes, _rate(step / steps))
    return Bank(*weights)


def _slopes(weights: list[Array], batch: Array, fake: Labels, kept: Array) -> list[Array]:
    """Gradient of the mean cross-entropy of each network with respect to the weights."""
    hidden, hidden_bias, out, out_bias = weights
    sums = batch @ hidden + hidden_bias
    gate = (sums > 0) * kept
    active = (sums * gate).reshape(len(batch), *out.shape)
    odds = (active * out).sum(axis=2) + out_bias
    error = (expit(odds) - fake[:, None]).astype(np.float32) / np.float32(len(batch))
    back = (error[:, :, None] * out).reshape(len(batch), -1) * gate
    return [
        batch.T @ back,
        back.sum(axis=0),
        (error[:, :, None] * active).sum(axis=0),
        error.sum(axis=0),
    ]


class _AdamW:
    """Adam with weight decay of its own, on weights in place; biases do not decay."""

    def __init__(self, weights: list[Array]) -> None:
        self.weights = weights
        self.means = [np.zeros_like(values) for values in weights]
        self.squares = [np.zeros_like(values) for values in weights]
        self.steps = 0

    def step(self, slopes: list[Array], rate: float) -> None:
        self.steps += 1
        mean_share = 1 - _MEAN_KEEPS**self.steps
        square_share = 1 - _SQUARE_KEEPS**self.steps
        for values, mean, square, slope in zip(
            self.weights, self.means, self.squares, slopes, strict=True
        ):
            mean += (1 - _MEAN_KEEPS) * (slope - mean)
            square += (1 - _SQUARE_KEEPS) * (slope**2 - square)
            if values.ndim == 2:
                values *= 1 - rate * DECAY
            values -= rate * (mean / mean_share) / (np.sqrt(square / square_share) + _TINY)


def _rate(done: float) -> float:
    """Learning rate when a share of the steps is done: one rise and one fall, both cosines."""
    if done < WARM_UP:
        return RATE * (0.5 - 0.5 * float(np.cos(np.pi * done / WARM_UP)))
    return RATE * (0.5 + 0.5 * float(np.cos(np.pi * (done - WARM_UP) / (1 - WARM_UP))))


def _dropout(draw: np.random.Generator, *shape: int) -> Array:
    kept = draw.random(shape, dtype=np.float32) >= DROPOUT
    return kept.astype(np.float32) / np.float32(1 - DROPOUT)


def _normal(draw: np.random.Generator, *shape: int) -> Array:
    return draw.standard_normal(shape, dtype=np.float32)
