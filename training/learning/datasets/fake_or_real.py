"""Fake-or-Real (FoR), one of its versions: for-original, for-norm, for-2sec or for-rerec.

References
----------
Reimao, R. and Tzerpos, V. (2019). FoR: a dataset for synthetic speech detection. SpeD.
"""

from collections.abc import Iterator
from pathlib import Path

from training.learning.datasets.clips import Clip, DatasetError, audio_below, label_of

SPLITS = {"training": "train", "validation": "dev", "testing": "eval"}


def fake_or_real(folder: Path) -> Iterator[Clip]:
    """Read training, validation and testing, each with real and fake; no more is said of a clip."""
    versions = sorted({path.parent for path in folder.rglob("training") if path.is_dir()})
    if len(versions) != 1:
        raise DatasetError(
            f"{folder} holds {len(versions)} folders `training`: name the folder of one version, "
            "such as for-norm; the versions hold the same clips"
        )
    for named, split in SPLITS.items():
        for kind in ("real", "fake"):
            for path in audio_below(versions[0] / named / kind):
                yield Clip(path, label_of(kind), split, f"fake-or-real:{split}", language="en")
