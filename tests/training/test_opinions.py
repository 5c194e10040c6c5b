"""Another version's opinion of a judged clip: beside the verdict, never in its place or way."""

from datetime import timedelta

import pytest
from constance.test import override_config
from django.core.files.base import ContentFile
from django.utils import timezone

from detector.models import Status
from tests.factories import ModelVersionFactory, PredictionFactory, version_like
from training.models import RejudgingState, SecondOpinion
from training.opining import give_opinion
from training.selectors.versions import live_agreement
from training.services import opinions
from training.services.promotion import set_challenger


@pytest.fixture
def sent(monkeypatch):
    """What would have gone to the queue."""
    from training.tasks import second_opinion

    found = []
    monkeypatch.setattr(
        second_opinion, "apply_async", lambda args, **options: found.append((args, options))
    )
    return found


def judged(**fields):
    return PredictionFactory(done=True, **fields)


def test_a_version_judges_the_clip_again_and_the_verdict_stays(champion, clip_file):
    prediction = judged(
        clip__audio=ContentFile(clip_file("fake-flite.wav").read_bytes(), name="a.wav"),
        verdict="REAL",
    )
    other = version_like(champion, "other")

    for _ in range(2):  # a message may come twice
        give_opinion(prediction.pk, other.pk)

    opinion = SecondOpinion.objects.get()
    assert (opinion.prediction, opinion.version) == (prediction, other)
    assert opinion.verdict in ("REAL", "FAKE", "INCONCLUSIVE")
    assert opinion.probability is not None
    prediction.refresh_from_db()
    assert prediction.verdict == "REAL"


def test_of_a_deleted_or_lost_clip_it_is_noted_why_nothing_is_said(champion):
    deleted = judged(clip__deleted_at=timezone.now())
    lost = judged()
    lost.clip.audio.delete(save=False)

    for prediction in (deleted, lost):
        prediction.refresh_from_db()
        give_opinion(prediction.pk, champion.pk)

    codes = SecondOpinion.objects.order_by("pk").values_list("error_code", flat=True)
    assert list(codes) == ["clip_deleted", "audio_missing"]


def test_the_challenger_is_asked_with_the_lowest_priority(champion, sent):
    challenger = version_like(champion, "challenger")
    prediction = judged()
    opinions.ask_challenger(prediction)
    assert sent == []
    set_challenger(version=challenger, actor=None)
    opinions.ask_challenger(prediction)
    ((args, options),) = sent
    assert args == (str(prediction.pk), str(challenger.pk))
    assert options["priority"] == 9
    assert options["expires"]


@pytest.mark.parametrize(
    ("fields", "percent"),
    [({"origin": "rejudge"}, 100), ({"clip__keep_audio": False}, 100), ({}, 0)],
)
def test_not_about_second_runs_nor_audio_that_goes_nor_when_it_is_off(
    champion, sent, fields, percent
):
    set_challenger(version=version_like(champion, "challenger"), actor=None)
    with override_config(SHADOW_PERCENT=percent):
        opinions.ask_challenger(judged(**fields))
    assert sent == []


def test_a_re_judging_goes_through_what_was_selected_and_ends(champion, model_owner, sent):
    version = ModelVersionFactory()
    wanted = [judged(verdict="FAKE") for _ in range(3)]
    judged(verdict="REAL")
    judged(verdict="FAKE", created_at=timezone.now() - timedelta(days=9))
    judged(verdict="FAKE", clip__deleted_at=timezone.now())
    judged(verdict="FAKE", model_version=version)

    job = opinions.start_rejudging(
        version=version,
        actor=model_owner,
        since=timezone.now() - timedelta(days=1),
        verdict="FAKE",
    )
    assert job.total == 3
    opinions.advance_rejudgings()
    assert {args[0] for args, _ in sent} == {str(row.pk) for row in wanted}

    opinions.note_opinion(prediction=wanted[0], version=version, verdict="REAL", probability=0.1)
    sent.clear()
    opinions.advance_rejudgings()
    job.refresh_from_db()
    assert (job.state, job.done) == (RejudgingState.RUNNING, 1)
    assert len(sent) == 2  # a lost message is sent again, what was said is not asked again

    for row in wanted[1:]:
        opinions.note_opinion(prediction=row, version=version, error_code="clip_deleted")
    opinions.advance_rejudgings()
    job.refresh_from_db()
    assert (job.state, job.done) == (RejudgingState.DONE, 3)
    agreement = live_agreement(version)
    assert (agreement.clips, agreement.agreed, agreement.failed) == (1, 0, 2)
    assert all(row.status == Status.DONE and row.verdict == "FAKE" for row in wanted)


def test_a_cancelled_one_sends_nothing_more(champion, model_owner, sent):
    judged(verdict="FAKE")
    job = opinions.start_rejudging(version=ModelVersionFactory(), actor=model_owner)
    assert opinions.cancel_rejudging(rejudging=job, actor=model_owner)
    assert not opinions.cancel_rejudging(rejudging=job, actor=model_owner)
    opinions.advance_rejudgings()
    assert sent == []
