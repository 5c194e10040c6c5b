"""Archives of samples: good ones are taken, bad entries answered by themselves, traps refused."""

import io
import stat
import struct
import zipfile
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from detector.engine.errors import ClipError
from detector.setbacks import PATIENCE
from training import unpacking
from training.models import Archive, ArchiveState, Sample
from training.services import archives
from training.services.archives import keep_archive
from training.unpacking import unpack_archive
from training.upkeep import sweep_archives

pytestmark = pytest.mark.django_db

MANIFEST = "file,label,speaker\nreal.wav,real,Ann\n"


@pytest.fixture
def clip(clip_file):
    return clip_file("real-prompt.wav").read_bytes()


def pack(files, compression=zipfile.ZIP_DEFLATED):
    """Return a ZIP archive of names and contents."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.fixture
def send(curator):
    """Return a function that sends an archive, which then waits for a worker."""

    def run(content, **more):
        return keep_archive(actor=curator, file=ContentFile(content, name="samples.zip"), **more)

    return run


@pytest.fixture
def take(send):
    """Return a function that has an archive unpacked and gives each name's problem, or None."""

    def run(content):
        archive = send(content)
        unpack_archive(archive.pk)
        return problems(archive)

    return run


def problems(archive):
    archive.refresh_from_db()
    assert archive.state == ArchiveState.DONE, archive.error_code
    assert archive.files.count() == archive.total
    return {file.name: file.error_code or None for file in archive.files.all()}


def stored():
    """Return the names of all archives in the store, which other tests share."""
    return {path for path in Path(default_storage.path("archives")).rglob("*") if path.is_file()}


def refused(take, content):
    before = stored()
    with pytest.raises(ClipError) as caught:
        take(content)
    assert not Archive.objects.exists()
    assert stored() == before
    return caught.value.code


@pytest.mark.parametrize("folder", ["", "delivery/"])
def test_what_the_manifest_describes_is_kept(take, clip, folder):
    files = {f"{folder}manifest.csv": MANIFEST, f"{folder}real.wav": clip, "__MACOSX/._x": b"x"}
    assert take(pack(files)) == {"real.wav": None}
    sample = Sample.objects.get()
    assert (sample.label, sample.speaker, sample.origin) == ("real", "Ann", "archive")
    assert sample.audio.read() == clip


def test_bad_entries_are_answered_by_themselves(take, clip):
    manifest = "file,label\nreal.wav,real\nnotes.txt,fake\ngone.wav,fake\ninner.zip,fake\n"
    files = {
        "manifest.csv": manifest,
        "real.wav": clip,
        "notes.txt": b"dear diary",
        "inner.zip": pack({"x": b"x"}),
        "extra.wav": clip,
    }
    assert take(pack(files)) == {
        "real.wav": None,
        "notes.txt": "unsupported_format",
        "gone.wav": "not_in_archive",
        "inner.zip": "archive_nested",
        "extra.wav": "not_in_manifest",
    }


@pytest.mark.parametrize(
    "name", ["../../etc/cron.d/x", "/etc/passwd", "a/../../b", "C:\\boot.ini", "..\\x", "C:x"]
)
def test_a_name_that_leads_out_of_the_archive_refuses_it(take, clip, name):
    assert refused(take, pack({"manifest.csv": MANIFEST, name: clip})) == "archive_unsafe"


def test_a_link_refuses_the_archive(take):
    buffer = io.BytesIO(pack({"manifest.csv": MANIFEST}))
    link = zipfile.ZipInfo("real.wav")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    assert refused(take, buffer.getvalue()) == "archive_unsafe"


def test_a_bomb_is_refused_before_it_is_unpacked(take, settings):
    settings.MAX_BATCH_BYTES = 10 * 1024**2
    bomb = pack({"manifest.csv": MANIFEST, "real.wav": bytes(11 * 1024**2)})
    assert len(bomb) < 100_000
    assert refused(take, bomb) == "archive_too_large"


def test_an_entry_that_unpacks_to_more_than_it_says_is_answered_by_itself(take):
    honest = pack({"manifest.csv": MANIFEST, "real.wav": bytes(5 * 1024**2)})
    size = struct.pack("<L", 5 * 1024**2)
    assert honest.count(size) == 2
    assert take(honest.replace(size, struct.pack("<L", 1000))) == {
        "real.wav": "archive_entry_damaged"
    }


def test_too_many_entries_are_refused_without_reading_them(take, monkeypatch):
    monkeypatch.setattr("training.archive.MOST_FILES", 3)
    many = pack({"manifest.csv": MANIFEST, **{f"{n}.wav": b"x" for n in range(4)}})
    assert refused(take, many) == "archive_too_many"


def test_a_long_list_of_entries_behind_a_small_count_is_refused(take):
    content = bytearray(pack({"manifest.csv": MANIFEST}))
    content[-10:-6] = struct.pack("<L", 1 << 30)
    assert refused(take, bytes(content)) == "archive_too_many"


def test_a_second_count_in_zip64_is_refused(take):
    content = pack({"manifest.csv": MANIFEST})
    locator = b"PK\x06\x07" + bytes(16)
    assert refused(take, content[:-22] + locator + content[-22:]) == "archive_too_many"


def test_an_encrypted_archive_is_refused(take, clip):
    content = bytearray(pack({"manifest.csv": MANIFEST, "real.wav": clip}))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        start = archive.start_dir
    content[start + 8] |= 1
    assert refused(take, bytes(content)) == "archive_encrypted"


def test_a_way_of_packing_that_costs_memory_is_refused(take, clip):
    files = {"manifest.csv": MANIFEST, "real.wav": clip}
    assert refused(take, pack(files, zipfile.ZIP_LZMA)) == "archive_unreadable"


@pytest.mark.parametrize(
    ("manifest", "code"),
    [
        (None, "manifest_missing"),
        ("name,truth\nx,real\n", "manifest_unreadable"),
        (b"file,label\n\xff\xfe,real\n", "manifest_unreadable"),
    ],
)
def test_without_a_manifest_nothing_is_taken(take, clip, manifest, code):
    files = {"real.wav": clip} | ({"manifest.csv": manifest} if manifest else {})
    assert refused(take, pack(files)) == code


@pytest.mark.parametrize("content", [b"", b"PK", b"RIFF" * 100])
def test_what_is_no_archive_is_refused(take, content):
    assert refused(take, content) == "archive_unreadable"


MANY = "file,label\n" + "".join(f"{n}.wav,real\n" for n in range(5))


@pytest.fixture
def five(clip):
    """An archive of five different recordings: what follows the end of a WAV says nothing."""
    return pack({"manifest.csv": MANY, **{f"{n}.wav": clip + bytes([n]) for n in range(5)}})


def test_a_worker_that_is_killed_in_the_middle_adds_nothing_twice(send, five, monkeypatch):
    archive = send(five, confirmed=True)
    add, added = unpacking.add_sample, []

    def third_kills(**about):
        if len(added) == 2:
            raise SystemExit  # no handler of ours sees it, nor would it see kill -9
        added.append(add(**about))
        return added[-1]

    monkeypatch.setattr(unpacking, "add_sample", third_kills)
    with pytest.raises(SystemExit):
        unpack_archive(archive.pk)
    archive.refresh_from_db()
    assert (archive.state, archive.files.count()) == (ArchiveState.RUNNING, 2)
    unpack_archive(archive.pk)
    assert archive.files.count() == 2, "another worker has it"

    monkeypatch.undo()
    Archive.objects.update(lease_expires_at=timezone.now())
    unpack_archive(archive.pk)
    assert set(problems(archive).values()) == {None}
    assert Sample.objects.filter(state="confirmed").count() == 5
    assert all(archive.files.values_list("is_new", flat=True))


def test_an_archive_that_nobody_was_told_of_is_sent_again(
    send, five, redis_server, django_capture_on_commit_callbacks
):
    archive = send(five)
    Archive.objects.update(sent_at=timezone.now() - PATIENCE)
    redis_server.flushdb()
    sweep_archives()
    assert redis_server.llen("extract") == 1

    for _ in range(3):
        assert archives.claim(archive.pk)
        Archive.objects.update(lease_expires_at=timezone.now())
        with django_capture_on_commit_callbacks(execute=True):
            sweep_archives()
    archive.refresh_from_db()
    assert (archive.state, archive.error_code) == (ArchiveState.FAILED, "worker_lost")


def test_an_archive_waits_for_a_storage_that_is_out_of_reach(send, five, monkeypatch):
    def out_of_reach(*_):
        raise OSError("the disk is full")

    archive = send(five)
    with monkeypatch.context() as patch:
        patch.setattr(default_storage, "_save", out_of_reach)
        unpack_archive(archive.pk)
    archive.refresh_from_db()
    assert (archive.state, archive.attempts, archive.files.count()) == ("queued", 0, 0)
    unpack_archive(archive.pk)
    assert set(problems(archive).values()) == {None}


def test_the_bytes_of_an_archive_go_when_it_is_done_and_its_answers_a_month_later(send, five):
    archive = send(five)
    stored = archive.file.name
    assert default_storage.exists(stored)
    unpack_archive(archive.pk)
    assert not default_storage.exists(stored)
    sweep_archives()
    assert problems(archive)

    Archive.objects.update(created_at=timezone.now() - archives.KEPT)
    sweep_archives()
    assert not Archive.objects.exists()
    assert Sample.objects.count() == 5
