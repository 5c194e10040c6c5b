"""From clips on disk to a feature table."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from detector.engine import quality, schemas, segments
from detector.engine.types import SAMPLE_RATE
from training.learning.material.audio import Samples, read_audio, resample
from training.learning.material.augmentation import augment, drawn_copies
from training.learning.table import PROVENANCE, Features, FeatureTable


def read_manifest(folder: Path) -> pd.DataFrame:
    """Read a corpus's ``manifest.csv``; ``path`` is where each clip lies."""
    rows = pd.read_csv(folder / "manifest.csv", dtype=str, keep_default_na=False)
    rows["clip"] = [Path(file).stem for file in rows["file"]]
    rows["path"] = [folder / file for file in rows["file"]]
    return rows[[*PROVENANCE, "path"]]


def extract(
    manifest: pd.DataFrame,
    *,
    schema: str,
    copies: int,
    seed: int,
    jobs: int = 1,
    most_windows: int = 1,
) -> FeatureTable:
    """Compute the features of clips and of augmented copies of those in ``train``.

    Parameters
    ----------
    manifest : DataFrame
        As of `read_manifest`. Of a clip longer than one window, `most_windows` are taken, spread
        over its speech.
    schema : str
    copies : int
        Augmented copies of each training clip beside the clip itself, each with another damage.
    seed : int
        Which copies, and the chain of copy k, depend on `seed`, the clip's id and k alone.
    jobs : int
        Processes.
    most_windows : int
        Of one clip; they count together as one clip does.
    """
    from joblib import Parallel, delayed

    parts = Parallel(n_jobs=jobs, batch_size=32)(
        delayed(_clip_features)(
            row.path, row.clip, schema, copies if row.split == "train" else 0, seed, most_windows
        )
        for row in manifest.itertuples()
    )
    count = [len(features) for features, _, _ in parts]
    rows = manifest[list(PROVENANCE)].loc[manifest.index.repeat(count)].reset_index(drop=True)
    rows["copy"] = np.concatenate([numbers for _, numbers, _ in parts])
    facts = pd.DataFrame([fact for _, _, facts in parts for fact in facts]).astype(np.float32)
    features = np.concatenate([features for features, _, _ in parts])
    return FeatureTable(schema, features, pd.concat([rows, facts], axis=1))


def _clip_features(
    path: Path, clip: str, schema: str, copies: int, seed: int, most_windows: int
) -> tuple[Features, NDArray[np.float32], list[dict[str, float]]]:
    versions, numbers = [], []
    chosen = drawn_copies(copies, np.random.default_rng([seed, *clip.encode()]))
    for place, samples in enumerate(_windows(resample(*read_audio(path)), most_windows)):
        versions.append(samples)
        for copy in chosen:
            draw = np.random.default_rng([seed, copy, place, *clip.encode()])
            versions.append(augment(samples, copy, draw))
        numbers += [0, *chosen]
    compute = schemas.get(schema).compute
    features = [compute(version, [(0, len(version))]) for version in versions]
    facts = [clip_facts(version) for version in versions]
    return np.concatenate(features), np.array(numbers, dtype=np.float32), facts


def _windows(samples: Samples, most: int) -> list[Samples]:
    """At most `most` windows, spread over the clip's speech; all of a clip that is no longer."""
    if len(samples) <= segments.WINDOW:
        return [samples]
    found = segments.cut(samples).speech_windows or segments.windows(len(samples))
    chosen = np.linspace(0, len(found) - 1, min(most, len(found)) + 2).round().astype(int)[1:-1]
    return [samples[slice(*found[k])] for k in dict.fromkeys(chosen)]


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
