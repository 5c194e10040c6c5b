"""The worker's side of archives: each file becomes a sample, or is answered with its problem."""

from tempfile import TemporaryFile
from uuid import UUID

from django.core.files import File
from django.db import transaction

from detector.engine.errors import ClipError
from detector.setbacks import StorageError, settle
from detector.uploads import stored
from training.archive import Contents, Member, read_archive
from training.models import Archive, Origin
from training.services import archives
from training.services.samples import Entry, Outcome, add_sample


def unpack_archive(archive_id: UUID) -> None:
    """Work on an archive if it still waits; whatever happens, its row says so.

    A file and its answer are written together, so an archive whose worker was killed goes on
    after the last file.
    """
    archive = archives.claim(archive_id)
    if archive is None:
        return
    try:
        with stored(archive.file) as source:
            _take(archive, read_archive(source))
    except Exception as error:
        settle(archive, error, services=archives)


def _take(archive: Archive, contents: Contents) -> None:
    answered = set(archive.files.values_list("place", flat=True))
    for place, member in enumerate(contents.members):
        if place in answered:
            continue
        with transaction.atomic():
            if not archives.renew(archive):
                return
            archives.note(archive, place, _outcome(archive, contents, member))
    archives.finish(archive)


def _outcome(archive: Archive, contents: Contents, member: Member) -> Outcome:
    try:
        with TemporaryFile() as copy:
            about = contents.unpack(member, copy)
            return add_sample(
                actor=archive.added_by,
                entry=Entry(File(copy, name=member.name), member.name, about),
                origin=Origin.ARCHIVE,
                confirmed=archive.confirmed,
            )
    except ClipError as error:
        if error.code == StorageError.code:
            raise
        return Outcome(member.name, error=error)
