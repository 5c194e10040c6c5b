"""How a stranger's file is looked at, kept and opened again."""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO, cast

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.files import File
from django.db.models.fields.files import FieldFile

from detector.engine.errors import ClipError
from detector.engine.sniff import HEAD_BYTES, sniff
from detector.setbacks import StorageError

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


def store(field: FieldFile, name: str, file: "File[bytes]") -> None:
    """Put an upload into the storage of a row that is not saved yet, or leave nothing there.

    Raises
    ------
    ClipError
        ``storage_unavailable``: the disk is full, or the storage is out of reach.
    """
    try:
        field.save(name, file, save=False)
    except Exception as error:  # each storage has errors of its own
        log.exception("the storage takes no file")
        with suppress(Exception):  # what was written until the disk was full
            field.storage.delete(field.field.generate_filename(field.instance, name))
        raise ClipError("storage_unavailable") from error


@contextmanager
def stored(file: FieldFile) -> Iterator[BinaryIO]:
    """Open a stored file that is here to its last byte.

    Raises
    ------
    FileNotFoundError
    StorageError
        The storage is out of reach or slow: an error of this name hides those of each storage.
    """
    try:
        source = file.open("rb")
        source.read(0)  # S3's is fetched when it is first read
    except (FileNotFoundError, SoftTimeLimitExceeded):
        raise
    except Exception as error:
        raise StorageError from error
    with source:
        yield cast(BinaryIO, source)


def clean_name(name: str) -> str:
    """Return the last part of a file's name, printable and short enough to keep."""
    last = PurePath(name.replace("\\", "/")).name
    printable = "".join(char for char in last if char.isprintable()).strip()
    return printable[:255] or "unnamed"


def megabytes(size: int) -> str:
    """Return a number of bytes in words."""
    return f"{size / 1024**2:.1f} MB"
