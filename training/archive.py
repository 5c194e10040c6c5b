"""Reading a ZIP archive of samples with a manifest, which comes from a stranger.

Nothing is unpacked to a path of the archive's choosing: each entry is read into a temporary file
of ours, and what is read is bounded before and while it is read.
"""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from tempfile import TemporaryFile
from typing import IO

from django.conf import settings

from detector.engine.errors import ClipError
from detector.uploads import megabytes
from training.manifest import MANIFEST, MANIFEST_BYTES, MOST_FILES, About, read_manifest

DIRECTORY_BYTES = 400 * MOST_FILES
"""Of the list of entries, which is read into memory as a whole."""

_END = struct.Struct("<4s4H2LH")
_END_MARK, _ZIP64_MARK, _ENTRY_MARK = b"PK\x05\x06", b"PK\x06\x07", b"PK\x03\x04"
_IGNORED = ("__MACOSX/", ".DS_Store", "Thumbs.db")
_CHUNK = 1 << 16
_ZIP64_BYTES = 20


@dataclass(frozen=True, slots=True)
class Member:
    """A file that the manifest names, or that lies in the archive; at best both."""

    name: str
    about: About | None
    entry: zipfile.ZipInfo | None


@dataclass(frozen=True, slots=True)
class Contents:
    """An archive that may be unpacked, file by file."""

    archive: zipfile.ZipFile
    members: list[Member]
    """Those of the manifest in its order, then those that it does not name."""

    def unpack(self, member: Member, copy: IO[bytes]) -> About:
        """Write a member's bytes into a file and return what the manifest says of it.

        Raises
        ------
        ClipError
            ``not_in_manifest``, ``not_in_archive``, ``file_too_large``, ``archive_nested`` or
            ``archive_entry_damaged``.
        """
        if member.about is None:
            raise ClipError("not_in_manifest")
        if member.entry is None:
            raise ClipError("not_in_archive")
        _unpack(self.archive, member.entry, copy)
        return member.about


def read_archive(file: IO[bytes]) -> Contents:
    """Look through an archive without unpacking anything but its ``manifest.csv``.

    The manifest has the columns `file` and `label`, and any of `source`, `speaker`, `generator`
    and `language`.

    Raises
    ------
    ClipError
        The archive as a whole is refused: ``archive_unreadable``, ``archive_encrypted``,
        ``archive_unsafe``, ``archive_too_many``, ``archive_too_large``, ``manifest_missing`` or
        ``manifest_unreadable``.
    """
    archive = _open(file)
    entries = {entry.filename: entry for entry in _checked(archive)}
    folder, manifest = _manifest(archive, entries)
    members = [
        Member(name, about, entries.pop(folder + name, None)) for name, about in manifest.items()
    ]
    members += [Member(name.removeprefix(folder), None, entry) for name, entry in entries.items()]
    return Contents(archive, members)


def _open(file: IO[bytes]) -> zipfile.ZipFile:
    """Open an archive whose list of entries is not too long to be read.

    `zipfile` reads the whole list at once, so its length is looked at first, where the file's last
    bytes say it; a ZIP64 record could say otherwise, and no archive that we take needs one.
    """
    size = file.seek(0, io.SEEK_END)
    if size < _END.size:
        raise ClipError("archive_unreadable")
    file.seek(size - _END.size)
    end = file.read(_END.size)
    file.seek(max(0, size - _END.size - _ZIP64_BYTES))
    before = file.read(4)
    mark, *_, count, listed, _start, comment = _END.unpack(end)
    if mark != _END_MARK or comment:
        raise ClipError("archive_unreadable")
    if before == _ZIP64_MARK or count > MOST_FILES or listed > DIRECTORY_BYTES:
        raise ClipError("archive_too_many", limit=MOST_FILES)
    try:
        file.seek(0)
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise ClipError("archive_unreadable") from error


def _checked(archive: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    entries = archive.infolist()
    if len(entries) > MOST_FILES:
        raise ClipError("archive_too_many", limit=MOST_FILES)
    total = sum(entry.file_size for entry in entries)
    if total > settings.MAX_BATCH_BYTES:
        limit = megabytes(settings.MAX_BATCH_BYTES)
        raise ClipError("archive_too_large", limit=limit, found=megabytes(total))
    for entry in entries:
        name = entry.filename
        if not _is_safe(name) or stat.S_ISLNK(entry.external_attr >> 16):
            raise ClipError("archive_unsafe", found=ascii(name)[:80])
        if entry.flag_bits & 0x1:
            raise ClipError("archive_encrypted")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            # The others may ask for gigabytes of memory to be unpacked.
            raise ClipError("archive_unreadable")
        if not entry.is_dir() and not any(word in name for word in _IGNORED):
            yield entry


def _is_safe(name: str) -> bool:
    path = PurePosixPath(name)
    plain = name.isprintable() and "\\" not in name and ":" not in name
    return plain and not path.is_absolute() and ".." not in path.parts


def _manifest(
    archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo]
) -> tuple[str, dict[str, About]]:
    """Find the manifest, at the top or in the one folder that is there; names count from it."""
    places = [name for name in entries if PurePosixPath(name).name == MANIFEST]
    place = min(places, key=len, default=None)
    if place is None or place.count("/") > 1:
        raise ClipError("manifest_missing")
    entry = entries.pop(place)
    if entry.file_size > MANIFEST_BYTES:
        raise ClipError("manifest_unreadable", found="it is too long")
    with TemporaryFile() as copy:
        _unpack(archive, entry, copy)
        return place.removesuffix(MANIFEST), read_manifest(copy)


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, copy: IO[bytes]) -> None:
    """Copy an entry; `zipfile` never gives out more than the size that was checked."""
    if entry.file_size > settings.MAX_UPLOAD_BYTES:
        limit = megabytes(settings.MAX_UPLOAD_BYTES)
        raise ClipError("file_too_large", limit=limit, found=megabytes(entry.file_size))
    try:
        with archive.open(entry) as source:
            head = source.read(_CHUNK)
            if head.startswith(_ENTRY_MARK):
                raise ClipError("archive_nested")
            while head:
                copy.write(head)
                head = source.read(_CHUNK)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise ClipError("archive_entry_damaged") from error
    copy.seek(0)
