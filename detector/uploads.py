"""How a stranger's file is looked at and kept."""

import hashlib
import logging
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePath

from django.conf import settings
from django.core.files import File

from detector.engine.errors import ClipError
from detector.engine.sniff import HEAD_BYTES, sniff
from detector.models import Clip

log = logging.getLogger(__name__)


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


def store_audio(clip: Clip, name: str, file: "File[bytes]") -> None:
    """Put a clip's audio into storage, or leave nothing there.

    Raises
    ------
    ClipError
        ``storage_unavailable``: the disk is full, or the storage is out of reach.
    """
    try:
        clip.audio.save(name, file, save=False)
    except Exception as error:  # each storage has errors of its own
        log.exception("the storage takes no file")
        with suppress(Exception):  # what was written until the disk was full
            clip.audio.storage.delete(clip.audio.field.generate_filename(clip, name))
        raise ClipError("storage_unavailable") from error


def clean_name(name: str) -> str:
    """Return the last part of a file's name, printable and short enough to keep."""
    last = PurePath(name.replace("\\", "/")).name
    printable = "".join(char for char in last if char.isprintable()).strip()
    return printable[:255] or "unnamed"


def megabytes(size: int) -> str:
    """Return a number of bytes in words."""
    return f"{size / 1024**2:.1f} MB"
