"""Feature tables for tests, small enough that a run on one takes seconds."""

import numpy as np
import pandas as pd

from training.learning.table import FACTS, FeatureTable

COLUMNS = 26


def draw_table(seed, n=600, split="train", told_by=None, sources=25, apart=0.8):
    """Clips of sources that shift all columns, and of a class that shifts the first six."""
    draw = np.random.default_rng(seed)
    fake = draw.integers(0, 2, n)
    source = draw.integers(0, sources, n)
    features = draw.normal(size=(n, COLUMNS)) + 0.5 * draw.normal(size=(sources, COLUMNS))[source]
    features[:, :6] += apart * fake[:, None]
    rows = pd.DataFrame(
        {
            "clip": [f"{split}-{seed}-{i}" for i in range(n)],
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


def with_test(seed=1, n=300, tested=150, apart=0.8):
    """A table with rows to train on and guarded ones."""
    return FeatureTable.join(
        [
            draw_table(seed, n, apart=apart),
            draw_table(seed + 1000, tested, split="dev", apart=apart),
        ]
    )
