"""From clips on disk to a feature table."""

from pathlib import Path

import numpy as np
import pandas as pd

from detector.engine import schemas
from detector.engine.types import SAMPLE_RATE
from training.learning.material.audio import read_audio
from training.learning.material.augmentation import augment
from training.learning.table import PROVENANCE, FeatureTable


def read_manifest(folder: Path) -> pd.DataFrame:
    """Read a corpus's ``manifest.csv``; ``path`` is where each clip lies."""
    rows = pd.read_csv(folder / "manifest.csv", dtype=str, keep_default_na=False)
    rows["clip"] = [Path(file).stem for file in rows["file"]]
    rows["path"] = [folder / file for file in rows["file"]]
    return rows[[*PROVENANCE, "path"]]


def extract(
    manifest: pd.DataFrame, *, schema: str, copies: int, seed: int, jobs: int = 1
) -> FeatureTable:
    """Compute the features of clips and of augmented copies of those in ``train``.

    Parameters
    ----------
    manifest : DataFrame
        As of `read_manifest`, of 16 kHz clips no longer than one window (3 s).
    schema : str
    copies : int
        Augmented copies of each training clip, beside the clip itself.
    seed : int
        The chain of copy k of a clip depends on `seed`, the clip's id and k alone.
    jobs : int
        Processes.
    """
    from joblib import Parallel, delayed

    parts = Parallel(n_jobs=jobs, batch_size=32)(
        delayed(_clip_features)(
            row.path, row.clip, schema, copies if row.split == "train" else 0, seed
        )
        for row in manifest.itertuples()
    )
    count = [len(features) for features, _ in parts]
    rows = manifest[list(PROVENANCE)].loc[manifest.index.repeat(count)].reset_index(drop=True)
    rows["copy"] = np.concatenate([np.arange(n, dtype=np.float32) for n in count])
    rows["seconds"] = np.concatenate([seconds for _, seconds in parts]).astype(np.float32)
    return FeatureTable(schema, np.concatenate([features for features, _ in parts]), rows)


def _clip_features(
    path: Path, clip: str, schema: str, copies: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    samples, _ = read_audio(path)
    versions = [samples]
    for copy in range(1, copies + 1):
        draw = np.random.default_rng([seed, copy, *clip.encode()])
        versions.append(augment(samples, draw))
    compute = schemas.get(schema).compute
    features = [compute(version, [(0, len(version))]) for version in versions]
    return np.concatenate(features), np.array([len(v) / SAMPLE_RATE for v in versions])
