"""From a sample's audio to rows of a feature table."""

from typing import Any

import numpy as np

from detector.engine import schemas, segments
from detector.engine.types import SAMPLE_RATE
from training.learning.extraction import clip_facts
from training.learning.material.audio import Samples
from training.learning.material.augmentation import augment, drawn_copies
from training.learning.table import Features

MOST_WINDOWS = 8
"""Of one sample: more windows of one recording teach little and cost as much each."""
COPIES = 1
"""Augmented copies of each window; more would cost a run on many samples its memory."""
SEED = 1


def sample_rows(
    samples: Samples, *, schema: str, sha256: str
) -> tuple[Features, list[dict[str, Any]]]:
    """Compute the rows by which a clip trains: its speech windows and their augmented copies.

    The windows are those that a prediction scores; of a long clip, `MOST_WINDOWS` spread evenly.

    Parameters
    ----------
    samples : ndarray of shape (n_samples,)
        Mono float32 at 16 kHz.
    schema : str
    sha256 : str
        Of the clip's content: the augmentation is drawn by it and nothing else.

    Returns
    -------
    features : ndarray of shape (n_rows, n_columns), float32
        No rows where the clip holds no speech.
    rows : list of dict
        For each row `copy` (0 for the clip itself), `start` in seconds, and `table.FACTS`.
    """
    spoken = segments.cut(samples).speech_windows
    chosen = np.unique(np.linspace(0, len(spoken) - 1, MOST_WINDOWS).round().astype(int))
    windows = [spoken[place] for place in chosen] if spoken else []
    compute = schemas.get(schema).compute
    parts, rows = [compute(samples, windows)], []
    for start, stop in windows:
        rows.append({"copy": 0, "start": start / SAMPLE_RATE, **clip_facts(samples[start:stop])})
    for copy in drawn_copies(COPIES, np.random.default_rng([SEED, *bytes.fromhex(sha256)])):
        for start, stop in windows:
            draw = np.random.default_rng([SEED, copy, start, *bytes.fromhex(sha256)])
            changed = augment(samples[start:stop], copy, draw)
            parts.append(compute(changed, [(0, len(changed))]))
            rows.append({"copy": copy, "start": start / SAMPLE_RATE, **clip_facts(changed)})
    return np.concatenate(parts), rows
