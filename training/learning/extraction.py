"""From clips on disk to a feature table."""

from pathlib import Path

import numpy as np
import pandas as pd

from detector.engine import quality, schemas, segments
from detector.engine.types import SAMPLE_RATE
from training.learning.material.audio import Samples, read_audio
from training.learning.material.augmentation import augment
from training.learning.table import PROVENANCE, Features, FeatureTable


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
    facts = pd.DataFrame([fact for _, facts in parts for fact in facts]).astype(np.float32)
    features = np.concatenate([features for features, _ in parts])
    return FeatureTable(schema, features, pd.concat([rows, facts], axis=1))


def _clip_features(
    path: Path, clip: str, schema: str, copies: int, seed: int
) -> tuple[Features, list[dict[str, float]]]:
    samples, _ = read_audio(path)
    versions = [samples]
    for copy in range(1, copies + 1):
        draw = np.random.default_rng([seed, copy, *clip.encode()])
        versions.append(augment(samples, draw))
    compute = schemas.get(schema).compute
    features = [compute(version, [(0, len(version))]) for version in versions]
    return np.concatenate(features), [clip_facts(version) for version in versions]


def clip_facts(samples: Samples) -> dict[str, float]:
    """What a model could cheat with: `FACTS` of 16 kHz audio."""
    measured = quality.measure(samples)
    seconds = len(samples) / SAMPLE_RATE
    return {
        "seconds": seconds,
        "level_dbfs": measured["level_dbfs"],
        "bandwidth_hz": measured["bandwidth_hz"],
        "clipped_share": measured["clipped_share"],
        "speech_share": segments.cut(samples).speech_seconds / seconds,
    }
