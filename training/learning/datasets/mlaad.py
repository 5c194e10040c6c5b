"""MLAAD: many text-to-speech models in many languages, and the M-AILABS readings they repeat.

References
----------
Mueller, N. et al. (2024). MLAAD: the multi-language audio anti-spoofing dataset. IJCNN.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from training.learning.datasets.clips import Clip, DatasetError

LANGUAGE, SPEAKER = 0, 3
"""Parts of an M-AILABS path: en_US/by_book/female/judy_bieber/..."""


def mlaad(folder: Path) -> Iterator[Clip]:
    """Read the meta.csv of every model's folder; originals below the same folder are real clips."""
    tables = sorted(folder.rglob("meta.csv"))
    if not tables:
        raise DatasetError(f"{folder} holds no meta.csv, such as fake/de/MODEL/meta.csv")
    originals: dict[str, Path] = {}
    for table in tables:
        with table.open(newline="", encoding="utf-8") as lines:
            for row in csv.DictReader(lines, delimiter="|"):
                original = row["original_file"].strip().removeprefix("./")
                yield Clip(
                    path=table.parent / Path(row["path"]).name,
                    label="fake",
                    split="",
                    source_repo=f"mlaad:{row['model_name']}",
                    task="tts",
                    generator=row["model_name"],
                    language=row["language"],
                )
                if original not in originals:
                    originals[original] = _original(folder, original)
    for original, path in originals.items():
        parts = Path(original).parts
        if path.is_file() and len(parts) > SPEAKER:
            speaker = parts[SPEAKER]
            yield Clip(
                path,
                label="real",
                split="",
                source_repo=f"m-ailabs:{speaker}",
                speaker=speaker,
                language=parts[LANGUAGE].split("_")[0],
            )


def _original(folder: Path, name: str) -> Path:
    """Find the recording that was repeated: beside ``fake`` or below a folder of its own."""
    places = (folder / name, *(folder / part / name for part in ("M-AILABS", "m-ailabs", "real")))
    return next((place for place in places if place.is_file()), places[0])
