"""What is common to all data sets: a clip with its provenance, found files, protocol lines."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

AUDIO = (".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a")


class DatasetError(Exception):
    """The folder does not hold the data set, in words."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip as its data set describes it; empty where it says nothing.

    `source_repo` groups what shares a recording chain: folds never cut through it.
    """

    path: Path
    label: str
    split: str
    source_repo: str
    task: str = ""
    generator: str = ""
    speaker: str = ""
    language: str = ""


def audio_below(folder: Path) -> Iterator[Path]:
    """Audio files below a folder, in order."""
    return (path for path in sorted(folder.rglob("*")) if path.suffix.lower() in AUDIO)


def by_stem(folder: Path) -> dict[str, Path]:
    """Audio files below a folder by their names without extension, wherever parts were unpacked."""
    return {path.stem: path for path in audio_below(folder)}


def protocol(folder: Path, *names: str) -> Iterator[list[str]]:
    """Yield the fields of the lines of the one file below a folder that has the first name found.

    Raises
    ------
    DatasetError
        There is none, or more than one.
    """
    found = next(filter(None, (sorted(folder.rglob(name)) for name in names)), [])
    if len(found) != 1:
        places = f"{len(found)} times" if found else "nowhere"
        raise DatasetError(f"{names[0]} is {places} below {folder}; it should be there once")
    for line in found[0].read_text(encoding="utf-8").splitlines():
        if line.strip():
            yield line.split()


def label_of(key: str) -> str:
    """Turn the field's words for the classes into ours.

    Raises
    ------
    DatasetError
        The word is none of them.
    """
    known = {"bonafide": "real", "bona-fide": "real", "real": "real"}
    known |= {"spoof": "fake", "fake": "fake"}
    try:
        return known[key.strip().lower()]
    except KeyError as error:
        raise DatasetError(f"{key!r} is no label: real or fake, bonafide or spoof") from error
