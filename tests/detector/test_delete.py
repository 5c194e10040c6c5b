"""Deleting is real: the audio goes, the row stays and says when."""

import pytest
from django.core.files.storage import default_storage

from accounts.models import AuditEvent
from detector import services, upkeep
from detector.judging import judge_prediction
from detector.models import Clip, ClipPicture, Status
from detector.selectors import prediction_of, predictions_of
from tests.factories import ClipPictureFactory, ModelVersionFactory
from training.services import promote


@pytest.mark.django_db(transaction=True)
def test_the_audio_goes_the_row_says_when_and_who_is_on_record(owner, submit):
    prediction = submit(owner)
    clip = prediction.clip
    stored = clip.audio.name
    assert default_storage.exists(stored)

    services.delete_clip(clip=clip, actor=owner)

    assert not default_storage.exists(stored)
    clip = Clip.objects.get()
    assert clip.deleted_at
    assert not clip.audio
    event = AuditEvent.objects.get(action="clip.deleted")
    assert (event.actor, event.target) == (owner, str(clip.pk))
    assert not predictions_of(owner).exists()
    assert prediction_of(owner, prediction.pk) is None


def test_what_the_clip_looked_like_goes_with_it(owner, submit):
    clip = submit(owner).clip
    ClipPictureFactory(clip=clip)

    services.delete_clip(clip=clip, actor=owner)

    assert not ClipPicture.objects.exists()


def test_audio_is_erased_by_the_sweep_if_the_process_died_after_the_commit(owner, submit):
    clip = submit(owner).clip
    stored = clip.audio.name
    # The test's own transaction never commits, so what runs after a commit does not run: this is
    # what the row looks like when the process dies right there.
    services.delete_clip(clip=clip, actor=owner)
    assert default_storage.exists(stored)

    upkeep.sweep()

    assert not default_storage.exists(stored)
    assert not Clip.objects.get().audio


@pytest.mark.django_db(transaction=True)
def test_deleting_twice_is_one_deletion(owner, submit):
    clip = submit(owner).clip

    services.delete_clip(clip=Clip.objects.get(), actor=owner)
    first = Clip.objects.get().deleted_at
    services.delete_clip(clip=clip, actor=owner)

    assert Clip.objects.get().deleted_at == first
    assert AuditEvent.objects.filter(action="clip.deleted").count() == 1


def test_a_deleted_clip_that_still_waits_is_not_judged(owner, submit):
    promote(version=ModelVersionFactory())
    prediction = submit(owner)
    services.delete_clip(clip=prediction.clip, actor=owner)
    upkeep.sweep()

    judge_prediction(prediction.pk)

    prediction.refresh_from_db()
    assert (prediction.status, prediction.error_code) == (Status.FAILED, "clip_deleted")


def test_history_shows_nobody_elses_clips(owner, teammate, stranger, submit):
    prediction = submit(owner)

    assert list(predictions_of(owner)) == [prediction]
    for other in (teammate, stranger):
        assert not predictions_of(other).exists()
        assert prediction_of(other, prediction.pk) is None
