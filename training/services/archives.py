"""Writes: archives of samples, from their arrival to the last file."""

import logging
from datetime import timedelta
from functools import partial
from typing import IO, cast
from uuid import UUID

from django.core.files import File
from django.db import transaction
from redis.exceptions import RedisError

from accounts.models import User
from accounts.services import record
from detector.uploads import clean_name, store
from training.archive import read_archive
from training.models import Archive, ArchivedFile, ArchiveState
from training.services.leases import Leases
from training.services.samples import Outcome

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
"""Renewed with every file."""
KEPT = timedelta(days=30)
"""How long it can be looked up what became of the files."""


def keep_archive(*, actor: User, file: "File[bytes]", confirmed: bool = False) -> Archive:
    """Keep an archive for a worker to make samples of its files.

    Parameters
    ----------
    confirmed : bool
        Whether the actor, who may, vouches for the labels.

    Raises
    ------
    ClipError
        It is refused as a whole, and nothing of it is kept: those of `read_archive`, and
        ``storage_unavailable``.
    """
    contents = read_archive(cast(IO[bytes], file))
    archive = Archive(
        added_by=actor,
        name=clean_name(file.name or ""),
        size=file.size,
        confirmed=confirmed,
        total=len(contents.members),
    )
    file.seek(0)
    store(archive.file, f"{archive.pk}.zip", file)
    try:
        with transaction.atomic():
            archive.save(force_insert=True)
            record(
                actor=actor,
                action="archive.added",
                target=str(archive.pk),
                details={"files": archive.total, "confirmed": confirmed},
            )
            transaction.on_commit(partial(send, archive.pk))
    except BaseException:
        archive.file.delete(save=False)
        raise
    return archive


def send(archive_id: UUID) -> None:
    """Put a task for the archive on the queue. Without a broker the sweep does it later."""
    from training.tasks import unpack

    try:
        unpack.delay(str(archive_id))
    except (RedisError, OSError, unpack.OperationalError):
        log.warning("broker out of reach; archive %s waits for the sweep", archive_id)


_LEASES = Leases(rows=lambda: Archive.objects.all(), state="state", length=LEASE, send=send)
claim, renew = _LEASES.claim, _LEASES.renew
fail, give_back, postpone = _LEASES.fail, _LEASES.give_back, _LEASES.postpone


def note(archive: Archive, place: int, outcome: Outcome) -> None:
    """Write down what became of a file."""
    ArchivedFile.objects.create(
        archive=archive,
        place=place,
        name=clean_name(outcome.name),
        sample=outcome.sample,
        is_new=outcome.is_new,
        error_code=outcome.error.code if outcome.error else "",
        error_params=outcome.error.params if outcome.error else {},
    )


def finish(archive: Archive) -> None:
    """End an archive all of whose files are answered, and erase its bytes."""
    if _LEASES.finish(archive):
        erase_file(archive)


@transaction.atomic
def forget_archives(user: User) -> None:
    """Give up what is left of a person's archives, and the names of their files."""
    theirs = Archive.objects.filter(added_by=user)
    theirs.filter(state__in=[ArchiveState.QUEUED, ArchiveState.RUNNING]).update(
        state=ArchiveState.FAILED, lease=None, lease_expires_at=None, error_code="cancelled"
    )
    theirs.update(name="erased")
    ArchivedFile.objects.filter(archive__in=theirs).update(name="erased")
    for archive in theirs.exclude(file=""):
        transaction.on_commit(partial(erase_file, archive), robust=True)


def erase_file(archive: Archive) -> None:
    """Remove an ended archive from storage; where that fails, the sweep tries again."""
    try:
        archive.file.delete(save=False)
    except Exception:
        log.exception("archive %s could not be erased yet", archive.pk)
        return
    Archive.objects.filter(pk=archive.pk).update(file="")
