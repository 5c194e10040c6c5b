"""A backup: a folder with a dump of the database, the files that its rows name, and a manifest.

Dump, list of files and numbers of rows are of one moment, because all are read in one snapshot of
the database. The manifest is written last, so a backup that was cut off has none. The secret key is
not in it: whoever finds a backup shall not be able to act as the site.
"""

import hashlib
import hmac
import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from django.apps import apps
from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import FileField
from django.utils import timezone

from operations import postgres_tools

FORMAT = 1
MANIFEST = "manifest.json"
DUMP = "database.dump"
FILES = "files"
_CHUNK = 1 << 20


class BackupError(Exception):
    """Why a backup cannot be made or restored."""


@dataclass(frozen=True)
class Manifest:
    """What is in a backup."""

    created_at: str
    version: str
    dump_sha256: str
    key: str
    """Digest by which the secret key of the time is known again; the key cannot be had from it."""
    rows: dict[str, int]
    """Number of rows by table."""
    files: dict[str, str]
    """sha256 by name in the storage."""
    missing: list[str] = field(default_factory=list)
    """Files that a row names and that were not in the storage."""
    format: int = FORMAT


def back_up(folder: Path) -> Manifest:
    """Make a backup in a new folder, which only this user may read.

    Raises
    ------
    BackupError
        There is something at the place already.
    ToolError
        `pg_dump` failed.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BackupError(f"{folder} is not empty: name a folder that is not there yet.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SELECT pg_export_snapshot()")
            (snapshot,) = cursor.fetchone()
        dump = folder / DUMP
        postgres_tools.run(
            "pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={dump}", "--no-owner"
        )
        rows, names = _rows(), list(_names())
    files, missing = {}, []
    for name in names:
        try:
            with default_storage.open(name) as source:
                files[name] = _copy(source, folder / FILES / _safe(name))
        except FileNotFoundError:
            # Deleted since, or lost before: the restored row would say the same.
            missing.append(name)
    manifest = Manifest(
        created_at=timezone.now().isoformat(timespec="seconds"),
        version=settings.VERSION,
        dump_sha256=_sha256(dump),
        key=_key(),
        rows=rows,
        files=files,
        missing=missing,
    )
    draft = folder / f"{MANIFEST}.new"
    draft.write_text(json.dumps(asdict(manifest), indent=1) + "\n")
    draft.rename(folder / MANIFEST)
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """Return what is in a backup, after every file of it was compared with its digest.

    Raises
    ------
    BackupError
        It is incomplete, was changed, or is of another format.
    """
    try:
        found = json.loads((folder / MANIFEST).read_text())
    except FileNotFoundError as error:
        raise BackupError(f"{folder} has no {MANIFEST}: the backup was not finished.") from error
    if found.get("format") != FORMAT:
        raise BackupError(f"{folder} is of format {found.get('format')}; this reads {FORMAT}.")
    manifest = Manifest(**found)
    digests = {DUMP: manifest.dump_sha256}
    digests |= {f"{FILES}/{_safe(name)}": sha for name, sha in manifest.files.items()}
    for name, sha256 in digests.items():
        path = folder / name
        if not path.is_file() or _sha256(path) != sha256:
            raise BackupError(f"{path} is missing or is not what was backed up.")
    return manifest


def restore(folder: Path) -> Manifest:
    """Restore a backup into an empty database and storage, and bring it up to date with the code.

    Raises
    ------
    BackupError
        The backup is damaged, the place is not empty, or what came of it is not what was in it.
    ToolError
        `pg_restore` failed.
    """
    manifest = read_manifest(folder)
    if connection.introspection.table_names():
        raise BackupError("The database is not empty: a backup is restored into an empty one.")
    # Files first: no row shall name what is not there yet.
    for name, sha256 in manifest.files.items():
        _put(folder / FILES / _safe(name), name, sha256)
    postgres_tools.run(
        "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", str(folder / DUMP)
    )
    if (rows := _rows()) != manifest.rows:
        differ = sorted(t for t in rows | manifest.rows if rows.get(t) != manifest.rows.get(t))
        raise BackupError(f"Other numbers of rows than were backed up: {', '.join(differ)}.")
    call_command("migrate", interactive=False, verbosity=0)
    return manifest


def has_other_key(manifest: Manifest) -> bool:
    """Whether the backup was made with another secret key than the one that is set now."""
    return not hmac.compare_digest(manifest.key, _key())


def _key() -> str:
    return hmac.new(settings.SECRET_KEY.encode(), b"voicetell backup", hashlib.sha256).hexdigest()


def _rows() -> dict[str, int]:
    with connection.cursor() as cursor:
        found = {}
        for table in sorted(connection.introspection.table_names(cursor)):
            name = connection.ops.quote_name(table)
            cursor.execute(f"SELECT count(*) FROM {name}")  # noqa: S608 - a quoted name
            (found[table],) = cursor.fetchone()
    return found


def _names() -> Iterator[str]:
    """Names in the storage, of every file that a row of any model has."""
    for model in apps.get_models():
        for column in model._meta.concrete_fields:
            if isinstance(column, FileField):
                rows = model._default_manager.exclude(**{column.name: ""}).order_by()
                yield from rows.values_list(column.name, flat=True).distinct()


def _safe(name: str) -> PurePosixPath:
    """Return a name as a path below a folder; a backup comes from elsewhere."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise BackupError(f"The backup names a file outside of it: {name}")
    return path


def _copy(source: IO[bytes], target: Path) -> str:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as copy:
        shutil.copyfileobj(source, copy, _CHUNK)
    return _sha256(target)


def _put(source: Path, name: str, sha256: str) -> None:
    if default_storage.exists(name):
        with default_storage.open(name) as there:
            if hashlib.file_digest(there, "sha256").hexdigest() == sha256:
                return
        raise BackupError(f"The storage has another file under the name {name}.")
    with source.open("rb") as file:
        default_storage.save(name, File(file))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
