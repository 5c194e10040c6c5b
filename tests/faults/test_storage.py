"""A storage that is full, slow or gone: nobody is told that a clip was kept which was not, and
what was kept waits for its verdict."""

import os
import resource
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from detector import judging, services, upkeep
from detector.engine.errors import ClipError
from detector.models import Clip, Prediction, Status
from detector.services import Wishes, submit_clip
from detector.setbacks import PATIENCE
from detector.tasks import judge

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nobody_else_judges(monkeypatch):
    """Messages go where a worker that other tests have left running does not look."""
    monkeypatch.setattr(judge, "queue", "nobody", raising=False)


def files():
    """What lies in the storage under today's clips."""
    day = f"clips/{timezone.now():%Y/%m/%d}"
    return set(default_storage.listdir(day)[1]) if default_storage.exists(day) else set()


@pytest.fixture
def send(owner, clip_file):
    """Return a function that submits a shipped clip."""
    content = clip_file("real-librivox.mp3").read_bytes()

    def submit(**wishes):
        file = ContentFile(content, name="a.mp3")
        return submit_clip(owner=owner, file=file, name="a.mp3", wishes=Wishes(**wishes))

    return submit


@contextmanager
def full_disk():
    """A disk with room for a kilobyte in each file; the clips are larger.

    Around the one call: the output of the tests may be a larger file too.
    """
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_refuses_an_upload_in_words_and_keeps_no_half(send):
    before = files()
    with full_disk(), pytest.raises(ClipError) as refusal:
        send()
    assert refusal.value.code == "storage_unavailable"
    assert files() == before
    assert not Clip.objects.exists()


@pytest.fixture
def gone_storage(settings, monkeypatch):
    """Return a function after which clips are in an S3 to which no connection can be made."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    there = settings.STORAGES

    def go(away=True):
        gone = {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {"bucket_name": "gone", "client_config": None},
        }
        settings.STORAGES = {**there, "default": gone} if away else there

    return go


def test_an_upload_to_a_storage_that_is_gone_is_refused_in_words(send, gone_storage):
    gone_storage()
    with pytest.raises(ClipError) as refusal:
        send()
    assert refusal.value.code == "storage_unavailable"
    assert not Clip.objects.exists()


def test_a_clip_waits_for_its_storage_and_then_gets_its_verdict(champion, send, gone_storage):
    prediction = send()
    judging.judge_of(champion)
    gone_storage()
    for _ in range(5):  # more often than a clip may be tried
        judging.judge_prediction(prediction.pk)
        prediction.refresh_from_db()
        assert (prediction.status, prediction.attempts) == (Status.QUEUED, 0)
    gone_storage(False)
    judging.judge_prediction(prediction.pk)
    prediction.refresh_from_db()
    assert (prediction.status, prediction.attempts) == (Status.DONE, 1)


def test_a_storage_that_stays_away_ends_the_waiting_with_its_name(champion, send, gone_storage):
    prediction = send()
    Prediction.objects.update(created_at=timezone.now() - PATIENCE)
    gone_storage()
    judging.judge_prediction(prediction.pk)
    prediction.refresh_from_db()
    assert (prediction.status, prediction.error_code) == (Status.FAILED, "storage_unavailable")


def test_a_clip_of_zero_retention_is_not_lost_with_the_database(champion, send):
    """Its audio goes after the verdict is kept: here the database falls at the commit."""
    prediction = send(keep_audio=False)

    claimed = services.claim(prediction.pk)
    with suppress(ConnectionError), transaction.atomic():
        assert services.fail(claimed, code="internal_error")
        raise ConnectionError
    assert default_storage.exists(Clip.objects.get().audio.name)
    Prediction.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    judging.judge_prediction(prediction.pk)
    prediction.refresh_from_db()
    assert prediction.status == Status.DONE
    assert Clip.objects.get().erased_at


def test_a_damaged_copy_of_the_model_is_fetched_again(champion, send, settings, tmp_path):
    settings.MODEL_CACHE = tmp_path
    copy = tmp_path / f"{champion.artifact_sha256}.skops"
    copy.write_bytes(b"half of it")
    judging._judge_of.cache_clear()
    prediction = send()
    judging.judge_prediction(prediction.pk)
    prediction.refresh_from_db()
    assert prediction.status == Status.DONE
    assert len(copy.read_bytes()) > 1000


def test_what_was_stored_by_somebody_who_was_killed_is_erased(send):
    kept = send().clip
    day = f"clips/{timezone.now():%Y/%m/%d}"
    orphan = default_storage.save(f"{day}/orphan.mp3", ContentFile(b"stored, then killed"))
    upkeep.erase_orphans(Clip.audio.field)
    assert default_storage.exists(orphan), "its row may still come"

    old = (timezone.now() - upkeep.ORPHAN_AGE - timedelta(minutes=1)).timestamp()
    for name in (orphan, kept.audio.name):
        os.utime(default_storage.path(name), (old, old))
    upkeep.erase_orphans(Clip.audio.field)
    assert not default_storage.exists(orphan)
    assert default_storage.exists(kept.audio.name)
