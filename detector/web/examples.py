"""The shipped clips that a newcomer can judge with one click. What they are is not told before."""

import csv
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import ascii_uppercase

from django.conf import settings
from django.utils.translation import get_language_info


@dataclass(frozen=True, slots=True)
class Example:
    """A shipped clip under a name that gives nothing away."""

    key: str
    path: Path
    language: str

    @property
    def language_name(self) -> str:
        """The language that is spoken, in the reader's words."""
        return str(get_language_info(self.language)["name_translated"])

    @property
    def name(self) -> str:
        """The name under which it enters the history."""
        return f"Example {self.key}{self.path.suffix}"


@cache
def examples() -> tuple[Example, ...]:
    """Return the shipped clips, shuffled in a fixed way so that the order tells nothing either."""
    folder = settings.FIXTURE_CLIPS
    listing = folder / "clips.csv"
    if not listing.exists():
        return ()
    with listing.open(newline="", encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file), key=_shuffled)
    return tuple(
        Example(key, folder / row["file"], row["language"])
        for key, row in zip(ascii_uppercase, rows, strict=False)
    )


def _shuffled(row: dict[str, str]) -> str:
    return hashlib.sha256(row["file"].encode()).hexdigest()


def find_example(key: str) -> Example | None:
    """Return the example with this key, if there is one."""
    return next((example for example in examples() if example.key == key), None)
