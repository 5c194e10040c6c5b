"""A plain manifest: a CSV with `file`, `label`, and whatever else is known."""

import csv
from collections.abc import Iterator
from pathlib import Path

from training.learning.datasets.clips import Clip, DatasetError, label_of

KNOWN = ("split", "source_repo", "task", "generator", "speaker", "language")


def manifest(folder: Path) -> Iterator[Clip]:
    """Read ``manifest.csv``; without a source, a clip's speaker or folder stands for it."""
    table = folder / "manifest.csv"
    if not table.is_file():
        raise DatasetError(f"{folder} holds no manifest.csv")
    with table.open(newline="", encoding="utf-8-sig") as lines:
        reader = csv.DictReader(lines)
        lacking = {"file", "label"} - set(reader.fieldnames or ())
        if lacking:
            raise DatasetError(f"{table} lacks the column {', '.join(sorted(lacking))}")
        for row in reader:
            known = {name: (row.get(name) or "").strip() for name in KNOWN}
            path = folder / row["file"]
            group = known["speaker"] or path.parent.name
            known["source_repo"] = known["source_repo"] or f"{folder.name}:{group}"
            yield Clip(path=path, label=label_of(row["label"]), **known)
