"""The shipped classifier: two banks of small networks, and a gate between them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.preprocessing import MinMaxScaler

Array = NDArray[np.float32]


@dataclass(frozen=True)
class GatedNetworks:
    """Networks that know altered recordings, networks for others, and who is heard how far.

    What noise, telephones and codecs leave of the evidence is another thing than what a clean
    recording holds, and networks that learn both are worse at each. So there are two *experts*,
    each a bank of networks whose log odds are averaged, and a linear *gate* that tells altered
    recordings from others without regard to the label. Fitted elsewhere
    (`training.learning.networks`); here it is arithmetic only.

    Attributes
    ----------
    scaler : MinMaxScaler
        Standardises rows and holds them within bounds.
    hidden : ndarray of shape (n_columns, n_units), float32
        Weights of the rectified units of both experts.
    hidden_bias : ndarray of shape (n_units,)
    out : ndarray of shape (n_units, 2)
        Weights of the units in the log odds of the expert on clips as they are (0) and in those of
        the expert on altered ones (1); zero where a unit is the other's.
    out_bias : ndarray of shape (2,)
    gate : ndarray of shape (n_columns,)
    gate_bias : float

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
    gate_bias: float

    def decision_function(self, features: Array) -> NDArray[np.float64]:
        """Log odds of FAKE: shape (n, n_columns) to (n,)."""
        rows = self._standardised(features)
        active = np.maximum(rows @ self.hidden + self.hidden_bias, 0)
        odds = np.asarray(active @ self.out + self.out_bias, dtype=np.float64)
        altered = expit((rows @ self.gate).astype(np.float64) + self.gate_bias)
        return np.asarray((1 - altered) * odds[:, 0] + altered * odds[:, 1])

    def _standardised(self, features: Array) -> Array:
        """What `scaler.transform` gives; its checks cost a short clip more than all the rest."""
        rows = features.astype(np.float32)
        rows *= self.scaler.scale_
        rows += self.scaler.min_
        return np.clip(rows, *self.scaler.feature_range, out=rows)
