"""What happens to an upload: it is kept and queued, or refused with a code and without a trace."""

import hashlib
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import IntegrityError

from detector.engine.errors import ClipError
from detector.messages import PROBLEMS
from detector.models import Batch, Clip, Prediction, Status
from detector.uploads import clean_name
from tests.factories import PredictionFactory


def stored_files():
    """Every stored clip."""
    return {path for path in Path(settings.MEDIA_ROOT, "clips").rglob("*") if path.is_file()}


def test_an_upload_is_stored_described_and_queued(
    owner, submit, clip_file, messages, transactional_db
):
    content = clip_file("real-prompt.wav").read_bytes()

    prediction = submit(owner, content)

    clip = prediction.clip
    assert prediction.status == Status.QUEUED
    assert prediction.owner == clip.owner == owner
    assert (clip.name, clip.size, clip.container) == ("interview.wav", len(content), "wav")
    assert clip.sha256 == hashlib.sha256(content).hexdigest()
    with clip.audio.open("rb") as file:
        assert file.read() == content
    assert messages() == 1


def test_the_stored_name_owes_nothing_to_the_sender(owner, submit):
    clip = submit(owner, name="../../etc/passwd.wav").clip

    assert clip.name == "passwd.wav"
    assert "passwd" not in clip.audio.name
    assert Path(default_storage.path(clip.audio.name)).is_relative_to(settings.MEDIA_ROOT)


def test_stored_audio_is_closed_to_other_users_of_the_machine(owner, submit):
    path = Path(submit(owner).clip.audio.path)

    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("C:\\calls\\monday.mp3", "monday.mp3"),
        ("/var/calls/monday.mp3", "monday.mp3"),
        ("mon\x00day\n.mp3", "monday.mp3"),
        ("слово 語.wav", "слово 語.wav"),
        ("", "unnamed"),
        ("..", ".."),
        ("x" * 300 + ".wav", "x" * 255),
    ],
)
def test_names_are_kept_as_far_as_they_can_be_shown(sent, kept):
    assert clean_name(sent) == kept


def test_the_extension_is_not_believed(owner, submit, clip_file):
    clip = submit(owner, clip_file("fake-hibari.flac").read_bytes(), name="song.mp3").clip

    assert clip.container == "flac"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"Dear sir, please find attached", "unsupported_format"),
        (b"PK\x03\x04" + bytes(100), "unsupported_format"),
        (b"<!doctype html><title>Sign in</title>", "unsupported_format"),
        (b"#EXTM3U\n#EXT-X-TARGETDURATION:1\nfile:///etc/passwd\n", "unsupported_format"),
    ],
)
def test_what_is_no_audio_is_refused_and_leaves_nothing(owner, submit, content, code):
    before = stored_files()

    with pytest.raises(ClipError) as refusal:
        submit(owner, content)

    assert refusal.value.code == code
    assert code in PROBLEMS
    assert not Clip.objects.exists()
    assert stored_files() == before


def test_a_file_over_the_limit_is_refused_with_both_sizes(owner, submit, settings):
    settings.MAX_UPLOAD_BYTES = 1024**2 // 2

    with pytest.raises(ClipError) as refusal:
        submit(owner, bytes(1024**2))

    assert refusal.value.code == "file_too_large"
    assert refusal.value.params == {"limit": "0.5 MB", "found": "1.0 MB"}


def test_a_full_queue_refuses_its_owner_and_nobody_else(owner, stranger, submit, settings):
    settings.MAX_QUEUED_PER_USER = 2
    submit(owner)
    submit(owner)
    PredictionFactory(clip__owner=owner, done=True)

    with pytest.raises(ClipError) as refusal:
        submit(owner)

    assert refusal.value.code == "queue_full"
    assert refusal.value.params == {"limit": 2, "found": 2}
    assert submit(stranger).status == Status.QUEUED


@pytest.mark.django_db(transaction=True)
def test_a_failed_write_of_the_rows_leaves_no_audio_behind(owner, submit):
    before = stored_files()

    with pytest.raises(IntegrityError):
        submit(owner, batch=Batch(owner=owner))  # a batch that is not there

    assert not Clip.objects.exists()
    assert not Prediction.objects.exists()
    assert stored_files() == before
