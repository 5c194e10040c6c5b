"""The shipped classifier: banks of small networks, and a gate among them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.preprocessing import MinMaxScaler

Array = NDArray[np.float32]


@dataclass(frozen=True)
class GatedNetworks:
    """An expert for each kind of damage that a recording may have had, and who is heard how far.

    What noise, a room, a telephone or a codec leaves of the evidence is another thing than what a
    clean recording holds, and networks that learn all of it are worse at each. So there is an
    *expert* for clips as they are (0) and one for each damage, each a bank of networks whose log
    odds are averaged, and a linear *gate* that tells the kinds apart without regard to the label.
    Fitted elsewhere (`training.learning.networks`); here it is arithmetic only.

    Attributes
    ----------
    scaler : MinMaxScaler
        Standardises rows and holds them within bounds.
    hidden : ndarray of shape (n_columns, n_units), float32
        Weights of the rectified units of all experts.
    hidden_bias : ndarray of shape (n_units,)
    out : ndarray of shape (n_units, n_experts)
        Weights of the units in the log odds of each expert; zero where a unit is another's.
    out_bias : ndarray of shape (n_experts,)
    gate : ndarray of shape (n_columns, n_experts)
    gate_bias : ndarray of shape (n_experts,)

    References
    ----------
    Jacobs, R. A. et al. (1991). Adaptive mixtures of local experts. Neural Computation 3.
    """

    scaler: MinMaxScaler
    hidden: Array
    hidden_bias: Array
    out: Array
    out_bias: Array
    gate: Array
    gate_bias: Array

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Read a bundle; until voicetell-2026.11.8 the gate was the log odds of one damage."""
        if state["gate"].ndim == 1:
            nothing = np.zeros_like(state["gate"])
            state["gate"] = np.stack([nothing, state["gate"]], axis=1)
            state["gate_bias"] = np.array([0.0, state["gate_bias"]], np.float32)
        self.__dict__.update(state)

    def decision_function(self, features: Array) -> NDArray[np.float64]:
        """Log odds of FAKE: shape (n, n_columns) to (n,)."""
        rows = self._standardised(features)
        active = np.maximum(rows @ self.hidden + self.hidden_bias, 0)
        odds = np.asarray(active @ self.out + self.out_bias, dtype=np.float64)
        heard = softmax((rows @ self.gate).astype(np.float64) + self.gate_bias, axis=1)
        return np.asarray((heard * odds).sum(axis=1))

    def _standardised(self, features: Array) -> Array:
        """What `scaler.transform` gives; its checks cost a short clip more than all the rest."""
        rows = features.astype(np.float32)
        rows *= self.scaler.scale_
        rows += self.scaler.min_
        return np.clip(rows, *self.scaler.feature_range, out=rows)
