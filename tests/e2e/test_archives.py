"""A real worker unpacks an archive; killed in the middle it loses and doubles nothing."""

import io
import zipfile

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone

from tests.e2e.processes import wait_for, worker
from tests.factories import UserFactory
from training.models import Archive, ArchiveState, Sample
from training.services.archives import keep_archive
from training.upkeep import sweep_archives

pytestmark = [pytest.mark.stack, pytest.mark.django_db(transaction=True)]

FILES, KILLED_AT = 6, 3

HOLD = """
CREATE OR REPLACE FUNCTION hold_file() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_advisory_xact_lock(NEW.place); RETURN NEW; END $$;
CREATE TRIGGER hold_file BEFORE INSERT ON training_archivedfile
FOR EACH ROW EXECUTE FUNCTION hold_file();
"""
WRITING = """
SELECT 1 FROM pg_locks
WHERE relation = 'training_archivedfile'::regclass AND pid <> pg_backend_pid()
"""
HELD = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


def sql(text):
    with connection.cursor() as cursor:
        cursor.execute(text)
        return cursor.fetchall() if cursor.description else None


@pytest.fixture
def start_worker(services, transactional_db, tmp_path):
    """Return a function that starts a worker of samples."""
    sql(HOLD)
    programs = []

    def start():
        programs.append(worker(tmp_path / f"{len(programs)}.log", "extract"))
        return programs[-1]

    yield start
    for program in programs:
        if program.process.poll() is None:
            program.kill()
    sql("SELECT pg_advisory_unlock_all()")
    sql("DROP TRIGGER hold_file ON training_archivedfile")


def test_an_archive_outlives_its_worker(champion, clip_file, start_worker):
    clip = clip_file("real-prompt.wav").read_bytes()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        lines = [f"{n}.wav,real" for n in range(FILES)]
        file.writestr("manifest.csv", "\n".join(["file,label", *lines]))
        for n in range(FILES):
            file.writestr(f"{n}.wav", clip + bytes([n]))
    sql(f"SELECT pg_advisory_lock({KILLED_AT})")
    archive = keep_archive(
        actor=UserFactory(role="curator"), file=ContentFile(buffer.getvalue(), name="a.zip")
    )
    first = start_worker()
    wait_for(lambda: sql(HELD) or first.fail_if_ended(), "the file at which it is killed")
    first.kill()
    sql(f"SELECT pg_advisory_unlock({KILLED_AT})")
    wait_for(lambda: not sql(WRITING), "the database to notice")
    archive.refresh_from_db()
    assert (archive.state, archive.files.count()) == (ArchiveState.RUNNING, KILLED_AT)

    Archive.objects.update(lease_expires_at=timezone.now())  # as two minutes would
    sweep_archives()
    second = start_worker()

    def done():
        archive.refresh_from_db()
        return archive.state == ArchiveState.DONE or second.fail_if_ended()

    wait_for(done, "the archive's end")
    assert list(archive.files.values_list("is_new", "error_code")) == [(True, "")] * FILES
    assert Sample.objects.count() == FILES
    assert not archive.file
