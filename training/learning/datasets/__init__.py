"""The field's data sets: from each one's own metadata to the manifest that we read."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, fields
from pathlib import Path

import pandas as pd

from training.learning.datasets.asvspoof import (
    asvspoof5,
    asvspoof2019_la,
    asvspoof2021_df,
    asvspoof2021_la,
)
from training.learning.datasets.clips import Clip, DatasetError
from training.learning.datasets.deep_voice import deep_voice
from training.learning.datasets.fake_or_real import fake_or_real
from training.learning.datasets.in_the_wild import in_the_wild
from training.learning.datasets.manifest import manifest
from training.learning.datasets.mlaad import mlaad
from training.learning.datasets.wavefake import wavefake

__all__ = ["KINDS", "Clip", "DatasetError", "write_manifest"]

KINDS: dict[str, Callable[[Path], Iterator[Clip]]] = {
    "asvspoof2019-la": asvspoof2019_la,
    "asvspoof2021-la": asvspoof2021_la,
    "asvspoof2021-df": asvspoof2021_df,
    "asvspoof5": asvspoof5,
    "in-the-wild": in_the_wild,
    "fake-or-real": fake_or_real,
    "wavefake": wavefake,
    "mlaad": mlaad,
    "deep-voice": deep_voice,
    "manifest": manifest,
}


def write_manifest(kind: str, folder: Path, out: Path, *, split: str = "train") -> Counter[str]:
    """Write the ``manifest.csv`` that `build_features` and `evaluate` read.

    Parameters
    ----------
    kind : str
        Of `KINDS`.
    folder : Path
        Where the data set was unpacked.
    out : Path
        Folder of the manifest, which holds absolute paths; the audio stays where it is.
    split : str
        Of clips whose data set has none.

    Returns
    -------
    Counter
        Clips of each label, and ``missing``: described, but not on disk.

    Raises
    ------
    DatasetError
        The folder does not hold the data set, or none of its audio.
    """
    counts: Counter[str] = Counter()
    rows = []
    for clip in KINDS[kind](folder.resolve()):
        if not clip.path.is_file():
            counts["missing"] += 1
            continue
        counts[clip.label] += 1
        row = asdict(clip)
        rows.append({"file": row.pop("path"), **row, "split": clip.split or split})
    if not rows:
        raise DatasetError(f"{folder} holds none of the {counts['missing']} clips described")
    out.mkdir(parents=True, exist_ok=True)
    columns = ["file", *(field.name for field in fields(Clip) if field.name != "path")]
    pd.DataFrame(rows, columns=columns).to_csv(out / "manifest.csv", index=False)
    return counts
