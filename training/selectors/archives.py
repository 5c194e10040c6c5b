"""Reads: archives of samples."""

from uuid import UUID

from django.db.models import Count, Q, QuerySet

from training.models import Archive, ArchivedFile, SampleState

_NEW = Q(files__is_new=True)
_REFUSED = Q(files__error_code__gt="")


def archives() -> QuerySet[Archive]:
    """Return the archives of the last weeks, newest first, with what became of their files."""
    return Archive.objects.select_related("added_by").annotate(
        done=Count("files"),
        added=Count("files", filter=_NEW),
        refused=Count("files", filter=_REFUSED),
        duplicates=Count("files", filter=Q(files__is_new=False, files__error_code="")),
        waiting=Count("files", filter=_NEW & Q(files__sample__state=SampleState.WAITING)),
    )


def find_archive(archive_id: UUID) -> Archive | None:
    """Return an archive, or None."""
    return archives().filter(pk=archive_id).first()


def archived_files(archive: Archive) -> QuerySet[ArchivedFile]:
    """Return the files that have been answered, in the order of the manifest."""
    return archive.files.select_related("sample")
