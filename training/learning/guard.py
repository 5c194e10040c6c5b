"""The guarded test set: clips that no run ever trains on."""

import hashlib

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.learning.splits import connected_groups
from training.learning.table import FeatureTable

TEST_SHARE = 0.2
SAME_VOICE = ("recording", "source", "speaker")
GUARDED_SPLIT = "dev"
"""Of a feature table: the shipped model was not fitted on it either."""


def is_guarded(table: FeatureTable) -> NDArray[np.bool_]:
    """Rows that are only ever tested on."""
    return np.asarray(table.rows["split"] == GUARDED_SPLIT)


def choose_guarded(samples: pd.DataFrame) -> NDArray[np.bool_]:
    """Choose whole groups of a team's own samples for the test, the same ones every time.

    A group is all that a recording, a source or a named speaker connects. Its first sample
    decides by a hash, so that a group that grows stays where it is. A generator does not connect:
    the test is to show how well the engines are known whose clips were taught, on voices and
    recordings that were not. (How well unknown engines are told is what the outer folds show,
    which do keep generators apart.)

    Parameters
    ----------
    samples : DataFrame
        With ``clip`` (a stable identity) and `SAME_VOICE`, the oldest first.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    group = connected_groups(samples, SAME_VOICE)
    _, first = np.unique(group, return_index=True)
    clips = samples["clip"].to_numpy(dtype=str)
    return np.array([_falls_in_test(clips[i]) for i in first], dtype=bool)[group]


def _falls_in_test(identity: str) -> bool:
    digest = hashlib.sha256(identity.encode()).digest()
    return int.from_bytes(digest[:8], "big") < TEST_SHARE * 2**64
