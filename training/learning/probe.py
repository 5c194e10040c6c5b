"""What could be guessed without listening: a model on a clip's outer facts alone.

Where such a model does well on the training material, the detector can learn the facts instead of
the voices.
"""

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from training.learning.fitting import row_weights
from training.learning.metrics import Scores, auc
from training.learning.splits import purged_folds
from training.learning.table import FACTS, FeatureTable


def probe_auc(table: FeatureTable, facts: tuple[str, ...] = FACTS, *, seed: int = 0) -> float:
    """Cross-validated AUC of boosted trees on outer facts; 0.5 says that they tell nothing.

    Folds share no source, generator or speaker, as for the detector itself.
    """
    values = table.rows[list(facts)].to_numpy(dtype=np.float64)
    everywhere = np.ones(len(values), dtype=bool)
    weight = row_weights(table)
    scores: Scores = np.full(len(values), np.nan)
    for train, held_out in purged_folds(table.rows, everywhere, seed=seed):
        trees = HistGradientBoostingClassifier(max_iter=60, max_leaf_nodes=8, random_state=seed)
        trees.fit(values[train], table.fake[train], sample_weight=weight[train])
        scores[held_out] = trees.decision_function(values[held_out])
    return auc(table.fake, scores)
