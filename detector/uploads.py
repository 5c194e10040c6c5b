"""What is looked at before a stranger's file is kept."""

import hashlib
from dataclasses import dataclass
from pathlib import PurePath

from django.conf import settings
from django.core.files import File

from detector.engine.errors import ClipError
from detector.engine.sniff import HEAD_BYTES, sniff


@dataclass(frozen=True, slots=True)
class Upload:
    """What a file's bytes say of it."""

    size: int
    sha256: str
    container: str


def examine(file: "File[bytes]") -> Upload:
    """Check size and content of an uploaded file and leave it at its beginning.

    Raises
    ------
    ClipError
        ``file_too_large``, ``empty_file`` or ``unsupported_format``.
    """
    if file.size > settings.MAX_UPLOAD_BYTES:
        raise ClipError(
            "file_too_large",
            limit=megabytes(settings.MAX_UPLOAD_BYTES),
            found=megabytes(file.size),
        )
    file.seek(0)
    container = sniff(file.read(HEAD_BYTES)).container
    digest = hashlib.sha256()
    file.seek(0)
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return Upload(file.size, digest.hexdigest(), container)


def clean_name(name: str) -> str:
    """Return the last part of a file's name, printable and short enough to keep."""
    last = PurePath(name.replace("\\", "/")).name
    printable = "".join(char for char in last if char.isprintable()).strip()
    return printable[:255] or "unnamed"


def megabytes(size: int) -> str:
    """Return a number of bytes in words."""
    return f"{size / 1024**2:.1f} MB"
