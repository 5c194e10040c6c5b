"""What a sender may ask for beside a verdict: a version, an error rate, that nothing is kept."""

from contextlib import suppress

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from detector import services, upkeep
from detector.engine.errors import ClipError
from detector.engine.thresholds import thresholds_for
from detector.judging import judge_prediction
from detector.models import Clip, Status
from detector.selectors import predictions_of
from detector.services import Wishes
from tests.factories import ClipFactory, PredictionFactory
from training.models import ModelAlias, ModelVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(champion):
    """The champion's model under another name: it can judge, and nobody promoted it."""
    manifest = champion.manifest | {"name": "other", "operating_points": [[0.01, 0.9], [0.2, 0.4]]}
    return ModelVersion.objects.create(
        name="other",
        schema=champion.schema,
        artifact=champion.artifact.name,
        artifact_sha256=champion.artifact_sha256,
        manifest=manifest,
    )


@pytest.mark.parametrize("by", ["name", "alias"])
def test_the_version_that_was_asked_for_judges(owner, submit, other, by):
    ModelAlias.objects.create(name="challenger", version=other)
    wishes = Wishes(model="other" if by == "name" else "challenger", target_fpr=0.05)

    prediction = submit(owner, wishes=wishes)
    judge_prediction(prediction.pk)

    prediction.refresh_from_db()
    assert prediction.status == Status.DONE, prediction.error_code
    assert prediction.model_version == other
    assert prediction.threshold == 0.9
    assert prediction.real_threshold == other.manifest["real_threshold"]


def test_the_champion_by_its_alias_is_whoever_is_champion_then(owner, submit, champion):
    assert submit(owner, wishes=Wishes(model="champion")).requested_version is None


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        (Wishes(model="nonsense"), "unknown_version"),
        (Wishes(model="other", target_fpr=0.001), "fpr_not_available"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_kept(owner, submit, other, wishes, code):
    with pytest.raises(ClipError) as refusal:
        submit(owner, wishes=wishes)

    assert refusal.value.code == code
    assert not Clip.objects.exists()


def test_a_rate_that_the_next_champion_cannot_keep_ends_with_that_code(owner, submit, champion):
    prediction = submit(owner)
    prediction.target_fpr = 1e-9
    prediction.save()

    judge_prediction(prediction.pk)

    prediction.refresh_from_db()
    assert (prediction.status, prediction.error_code) == (Status.FAILED, "fpr_not_available")


def test_a_low_threshold_leaves_nothing_that_is_called_both():
    manifest = {"threshold": 0.8, "real_threshold": 0.5, "operating_points": [[0.3, 0.2]]}

    threshold, real_threshold = thresholds_for(manifest, 0.5)

    assert real_threshold < threshold == 0.2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["real-prompt.wav", "damaged"])
def test_audio_that_is_not_to_be_kept_goes_with_the_answer(
    owner, submit, clip_file, champion, name
):
    content = b"RIFF\x24\x00\x00\x00WAVEfmt " if name == "damaged" else None
    prediction = submit(owner, content, wishes=Wishes(keep_audio=False))
    stored = prediction.clip.audio.name
    assert default_storage.exists(stored)

    judge_prediction(prediction.pk)

    prediction.refresh_from_db()
    assert prediction.is_finished
    assert not default_storage.exists(stored)
    clip = Clip.objects.get()
    assert (clip.audio.name, clip.deleted_at) == ("", None)
    assert prediction.clip.created_at < clip.erased_at
    assert list(predictions_of(owner)) == [prediction], "the verdict stays"


@pytest.mark.django_db(transaction=True)
def test_audio_that_the_storage_would_not_erase_is_erased_by_the_sweep(
    owner, submit, champion, monkeypatch
):
    prediction = submit(owner, wishes=Wishes(keep_audio=False))
    stored = prediction.clip.audio.name
    with monkeypatch.context() as away:
        away.setattr(type(default_storage), "delete", lambda *_: 1 / 0, raising=False)
        judge_prediction(prediction.pk)
    prediction.refresh_from_db()
    assert prediction.status == Status.DONE, "a verdict is not lost for it"
    assert Clip.objects.get().erased_at is None, "and nothing is claimed"

    upkeep.sweep()

    assert not default_storage.exists(stored)
    assert Clip.objects.get().erased_at


@pytest.mark.django_db(transaction=True)
def test_a_verdict_that_could_not_be_written_leaves_the_audio_to_judge(
    owner, submit, clip_file, champion
):
    prediction = submit(owner, wishes=Wishes(keep_audio=False))
    claimed = services.claim(prediction.pk)
    with suppress(ZeroDivisionError), transaction.atomic():
        assert services.fail(claimed, code="internal_error")
        1 / 0  # noqa: B018 - stands for a commit that fails

    assert default_storage.exists(prediction.clip.audio.name)
    services.give_back(claimed)
    judge_prediction(prediction.pk)

    prediction.refresh_from_db()
    assert prediction.status == Status.DONE
    assert Clip.objects.get().erased_at


def test_the_sweep_leaves_what_is_not_judged_yet(owner, submit):
    clip = submit(owner, wishes=Wishes(keep_audio=False)).clip

    upkeep.sweep()

    assert default_storage.exists(clip.audio.name)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_cancelled_prediction_gets_no_verdict(owner, state):
    prediction = PredictionFactory(clip__owner=owner, clip__keep_audio=False)
    claimed = services.claim(prediction.pk) if state == "running" else None

    assert services.cancel(prediction)

    prediction.refresh_from_db()
    assert (prediction.status, prediction.error_code) == (Status.CANCELLED, "cancelled")
    assert prediction.is_finished
    assert Clip.objects.get().erased_at
    assert services.claim(prediction.pk) is None
    assert claimed is None or not services.fail(claimed, code="internal_error")
    assert not services.cancel(prediction)


def test_what_has_a_verdict_is_not_cancelled():
    assert not services.cancel(PredictionFactory(done=True))


def test_the_database_refuses_audio_that_is_said_to_be_gone():
    with pytest.raises(IntegrityError, match="erased_has_no_audio"):
        ClipFactory(erased_at="2026-01-01T00:00Z")
