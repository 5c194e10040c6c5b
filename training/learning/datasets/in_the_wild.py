"""In-the-Wild: speeches of public figures and what was passed off as them (meta.csv).

References
----------
Mueller, N. et al. (2022). Does audio deepfake detection generalize? Interspeech.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from training.learning.datasets.clips import Clip, DatasetError, label_of


def in_the_wild(folder: Path) -> Iterator[Clip]:
    """Read file, speaker and label; the set is made to be tested on, so its split is ``eval``."""
    found = sorted(folder.rglob("meta.csv"))
    if len(found) != 1:
        raise DatasetError(f"meta.csv should be once below {folder}, and is {len(found)} times")
    with found[0].open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            yield Clip(
                path=found[0].parent / row["file"],
                label=label_of(row["label"]),
                split="eval",
                source_repo=f"in-the-wild:{row['speaker']}",
                speaker=row["speaker"],
                language="en",
            )
