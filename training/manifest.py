"""What is known of a sample, and the table that says it of many."""

import csv
import io
from dataclasses import asdict, dataclass
from typing import IO, Any

from detector.engine.errors import ClipError
from training.models import Label

MANIFEST = "manifest.csv"
MANIFEST_BYTES = 8 * 1024**2
MOST_FILES = 5_000
LONGEST = {"source": 200, "speaker": 200, "generator": 200, "language": 20}


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a sample; only the label must be."""

    label: str
    source: str = ""
    speaker: str = ""
    generator: str = ""
    language: str = ""

    def check(self) -> None:
        """See that it can be kept.

        Raises
        ------
        ClipError
            ``unknown_label``, ``value_too_long`` or ``value_unprintable``.
        """
        if self.label not in Label.values:
            raise ClipError("unknown_label", found=self.label[:20] or "nothing")
        for name, value in asdict(self).items():
            if len(value) > LONGEST.get(name, len(value)):
                raise ClipError("value_too_long", field=name, limit=LONGEST[name])
            if not value.isprintable():
                raise ClipError("value_unprintable", field=name)


def read_manifest(file: IO[bytes]) -> dict[str, About]:
    """Read a manifest: what is said of each file, by its name.

    Raises
    ------
    ClipError
        ``manifest_unreadable``.
    """
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        table = csv.DictReader(text, strict=True)
        if not {"file", "label"} <= {*(table.fieldnames or ())}:
            raise ClipError("manifest_unreadable", found="these columns are not there")
        described: dict[str, About] = {}
        for row in table:
            described[_value(row, "file").removeprefix("./")] = About(
                label=_value(row, "label").lower(),
                **{
                    name: _value(row, name)
                    for name in ("source", "speaker", "generator", "language")
                },
            )
            if len(described) > MOST_FILES:
                raise ClipError("archive_too_many", limit=MOST_FILES)
        return described
    except (UnicodeDecodeError, csv.Error) as error:
        raise ClipError("manifest_unreadable", found=str(error)[:100]) from error
    finally:
        text.detach()


def _value(row: dict[str, Any], name: str) -> str:
    return str(row.get(name) or "").strip()
