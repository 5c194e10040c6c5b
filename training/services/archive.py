"""Writes: samples out of a ZIP archive with a manifest, which comes from a stranger.

Nothing is unpacked to a path of the archive's choosing: each entry is read into a temporary file
of ours, and what is read is bounded before and while it is read.
"""

import csv
import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from tempfile import TemporaryFile
from typing import IO, Any

from django.conf import settings
from django.core.files import File

from accounts.models import User
from detector.engine.errors import ClipError
from detector.uploads import clean_name, megabytes
from training.models import Origin
from training.services.samples import About, Entry, Outcome, add_sample, add_samples

MANIFEST = "manifest.csv"
MANIFEST_BYTES = 8 * 1024**2
MOST_ENTRIES = 5_000
DIRECTORY_BYTES = 400 * MOST_ENTRIES
"""Of the list of entries, which is read into memory as a whole."""

_END = struct.Struct("<4s4H2LH")
_END_MARK, _ZIP64_MARK, _ENTRY_MARK = b"PK\x05\x06", b"PK\x06\x07", b"PK\x03\x04"
_IGNORED = ("__MACOSX/", ".DS_Store", "Thumbs.db")
_CHUNK = 1 << 16
_ZIP64_BYTES = 20


def import_archive(
    *, actor: User, file: "File[bytes]", confirmed: bool = False
) -> Iterator[Outcome]:
    """Add the samples of a ZIP archive one by one, as its ``manifest.csv`` describes them.

    The manifest has the columns `file` and `label`, and any of `source`, `speaker`, `generator`
    and `language`. A bad entry is answered by itself; the good ones are kept.

    Raises
    ------
    ClipError
        The archive as a whole is refused, and nothing of it is kept: ``archive_unreadable``,
        ``archive_encrypted``, ``archive_unsafe``, ``archive_too_many``, ``archive_too_large``,
        ``manifest_missing`` or ``manifest_unreadable``.
    """
    archive = _open(file)
    entries = {entry.filename: entry for entry in _checked(archive)}
    folder, manifest = _manifest(archive, entries)
    return _add(actor, archive, entries, folder, manifest, confirmed)


def add_described(
    *,
    actor: User,
    files: "Sequence[File[bytes]]",
    manifest: "File[bytes]",
    origin: str,
    confirmed: bool = False,
) -> list[Outcome]:
    """Add files as a manifest that came with them describes them, by their names.

    Raises
    ------
    ClipError
        ``manifest_unreadable``.
    """
    if manifest.size > MANIFEST_BYTES:
        raise ClipError("manifest_unreadable", found="it is too long")
    with TemporaryFile() as copy:
        for chunk in manifest.chunks():
            copy.write(chunk)
        copy.seek(0)
        described = read_manifest(copy)
    outcomes = []
    for file in files:
        name = file.name or ""
        about = described.get(name)
        if about:
            entries = [Entry(file, name, about)]
            outcomes += add_samples(
                actor=actor, entries=entries, origin=origin, confirmed=confirmed
            )
        else:
            outcomes.append(Outcome(clean_name(name), error=ClipError("not_in_manifest")))
    return outcomes


def _add(
    actor: User,
    archive: zipfile.ZipFile,
    entries: dict[str, zipfile.ZipInfo],
    folder: str,
    manifest: dict[str, About],
    confirmed: bool,
) -> Iterator[Outcome]:
    for name, about in manifest.items():
        entry = entries.pop(folder + name, None)
        try:
            if entry is None:
                raise ClipError("not_in_archive")
            with TemporaryFile() as copy:
                _unpack(archive, entry, copy)
                audio: File[bytes] = File(copy, name=name)
                yield add_sample(
                    actor=actor,
                    entry=Entry(audio, name, about),
                    origin=Origin.ARCHIVE,
                    confirmed=confirmed,
                )
        except ClipError as error:
            yield Outcome(name, error=error)
    for name in entries:
        yield Outcome(name.removeprefix(folder), error=ClipError("not_in_manifest"))


def _open(file: "File[bytes]") -> zipfile.ZipFile:
    """Open an archive whose list of entries is not too long to be read.

    `zipfile` reads the whole list at once, so its length is looked at first, where the file's last
    bytes say it; a ZIP64 record could say otherwise, and no archive that we take needs one.
    """
    if file.size < _END.size:
        raise ClipError("archive_unreadable")
    file.seek(file.size - _END.size)
    end = file.read(_END.size)
    file.seek(max(0, file.size - _END.size - _ZIP64_BYTES))
    before = file.read(4)
    mark, *_, count, size, _start, comment = _END.unpack(end)
    if mark != _END_MARK or comment:
        raise ClipError("archive_unreadable")
    if before == _ZIP64_MARK or count > MOST_ENTRIES or size > DIRECTORY_BYTES:
        raise ClipError("archive_too_many", limit=MOST_ENTRIES)
    try:
        file.seek(0)
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise ClipError("archive_unreadable") from error


def _checked(archive: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise ClipError("archive_too_many", limit=MOST_ENTRIES)
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
            if len(described) > MOST_ENTRIES:
                raise ClipError("archive_too_many", limit=MOST_ENTRIES)
        return described
    except (UnicodeDecodeError, csv.Error) as error:
        raise ClipError("manifest_unreadable", found=str(error)[:100]) from error
    finally:
        text.detach()


def _value(row: dict[str, Any], name: str) -> str:
    return str(row.get(name) or "").strip()


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
