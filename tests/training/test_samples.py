"""Samples: what gets in, what is said of them, and what a decision does."""

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from accounts.models import AuditEvent
from detector.engine.errors import ClipError
from detector.services import delete_clip
from tests.factories import ClipFactory, PredictionFactory, SampleFactory
from training.models import FeatureRows, Label, Origin, Sample, SampleState
from training.selectors.samples import review_queue, trainable
from training.services.review import Decision, review_samples
from training.services.samples import add_sample, add_samples, report_wrong_verdict

pytestmark = pytest.mark.django_db


def review(sample, actor, decision, **more):
    review_samples(ids=[sample.pk], actor=actor, decision=decision, **more)
    sample.refresh_from_db()


def test_a_clip_is_kept_with_what_is_known_of_it_and_waits(add, curator, clip_file):
    sample = add("real-prompt.wav", Label.REAL, source="session 7", speaker="Ann", language="en")
    sample.refresh_from_db()
    assert (sample.source, sample.speaker, sample.language) == ("session 7", "Ann", "en")
    assert sample.state == SampleState.WAITING
    assert sample.audio.read() == clip_file("real-prompt.wav").read_bytes()
    assert AuditEvent.objects.get(action="sample.added").actor == curator
    assert not trainable().exists()


def test_the_same_bytes_are_kept_once_and_another_label_is_an_opinion(add, teammate):
    first = add(label=Label.REAL)
    again = add(label=Label.FAKE, actor=teammate)
    assert again == first
    assert Sample.objects.count() == 1
    assert {said.label for said in first.opinions.all()} == {Label.REAL, Label.FAKE}
    assert review_queue().get().urgency == 2


def test_adding_twice_with_one_label_is_no_disagreement(add, teammate):
    add()
    assert add(actor=teammate).people_disagree is False


def test_bytes_of_a_deleted_sample_may_come_again(add, curator):
    first = add()
    review(first, curator, Decision.DELETE)
    assert add() != first


def test_bad_files_are_answered_one_by_one_and_the_good_ones_are_kept(curator, entry):
    outcomes = add_samples(
        actor=curator,
        entries=[
            entry(),
            entry("notes.txt", content=b"dear diary"),
            entry("empty.wav", content=b""),
            entry("fake-espeak.mp3", label="robot"),
            entry("fake-flite.wav", speaker="x" * 201),
            entry("fake-flite.wav", label=Label.FAKE),
        ],
        origin=Origin.API,
    )
    assert [outcome.error and outcome.error.code for outcome in outcomes] == [
        None,
        "unsupported_format",
        "empty_file",
        "unknown_label",
        "value_too_long",
        None,
    ]
    assert Sample.objects.count() == 2


def test_a_file_that_is_too_large_is_refused(curator, entry, settings):
    settings.MAX_UPLOAD_BYTES = 1000
    with pytest.raises(ClipError, match="file_too_large"):
        add_sample(actor=curator, entry=entry(), origin=Origin.API)


def test_confirming_lets_a_sample_train_under_the_label_that_was_settled(add, curator):
    sample = add(label=Label.REAL)
    Sample.objects.update(extraction="done", duration=5.0)
    review(sample, curator, Decision.CONFIRM, label=Label.FAKE)
    assert trainable().get().label == Label.FAKE
    assert sample.decided_by == curator
    event = AuditEvent.objects.get(action="sample.confirmed")
    assert (event.target, event.details["label"]) == (str(sample.pk), "fake")


def test_an_excluded_sample_does_not_train_until_it_is_restored_and_confirmed(add, curator):
    sample = add(confirmed=True)
    Sample.objects.update(extraction="done", duration=5.0)
    review(sample, curator, Decision.EXCLUDE, note="music")
    assert not trainable().exists()
    review(sample, curator, Decision.RESTORE)
    assert not trainable().exists()
    assert list(review_queue()) == [sample]
    review(sample, curator, Decision.CONFIRM)
    assert trainable().exists()


def test_relabelling_decides_nothing(add, curator):
    sample = add()
    review(sample, curator, Decision.RELABEL, label=Label.FAKE)
    assert (sample.label, sample.state) == (Label.FAKE, SampleState.WAITING)


def test_deleting_erases_audio_and_what_was_computed(
    add, curator, django_capture_on_commit_callbacks
):
    sample = add()
    stored = sample.audio.name
    FeatureRows.objects.create(
        sha256=sample.sha256, schema="voicetell-1", rows=[{"copy": 0}], vectors=b"1234"
    )
    with django_capture_on_commit_callbacks(execute=True):
        review(sample, curator, Decision.DELETE)
    assert sample.deleted_at
    assert not default_storage.exists(stored)
    assert not FeatureRows.objects.exists()
    assert not review_queue().exists()


def test_a_decision_that_cannot_be_made_changes_nothing(add, curator):
    sample = add()
    with pytest.raises(ClipError, match="label_missing"):
        review(sample, curator, Decision.RELABEL)
    with pytest.raises(ClipError, match="unknown_label"):
        review(sample, curator, Decision.CONFIRM, label="robot")
    sample.refresh_from_db()
    assert sample.state == SampleState.WAITING


def test_disagreement_is_reviewed_first(curator):
    calm = SampleFactory()
    champion_differs = SampleFactory(label="real", probability=0.9)
    people_differ = SampleFactory(people_disagree=True)
    assert list(review_queue()) == [people_differ, calm, champion_differs]
    version = PredictionFactory(done=True).model_version
    Sample.objects.filter(pk=champion_differs.pk).update(verdict="FAKE", scored_by=version)
    assert list(review_queue()) == [people_differ, champion_differs, calm]


def test_the_database_refuses_a_decision_by_nobody():
    with pytest.raises(IntegrityError, match="decided_by_somebody"), transaction.atomic():
        SampleFactory(state=SampleState.CONFIRMED)


@pytest.fixture
def judged(owner, clip_file):
    """A clip that was called FAKE."""
    from django.core.files.base import ContentFile

    content = clip_file("real-prompt.wav").read_bytes()
    clip = ClipFactory(owner=owner, audio=ContentFile(content, name="a.wav"), name="mine.wav")
    return PredictionFactory(done=True, clip=clip)


def test_a_wrong_verdict_becomes_a_sample_with_audio_of_its_own(
    judged, owner, clip_file, django_capture_on_commit_callbacks
):
    added = report_wrong_verdict(prediction=judged, actor=owner, label="real", note="I know him")
    assert (added.sample.origin, added.sample.prediction) == (Origin.FEEDBACK, judged)
    assert added.sample.state == SampleState.WAITING
    with django_capture_on_commit_callbacks(execute=True):
        delete_clip(clip=judged.clip, actor=owner)
    assert added.sample.audio.read() == clip_file("real-prompt.wav").read_bytes()
    assert added.sample.opinions.get().note == "I know him"


def test_what_the_verdict_says_already_is_no_correction(judged, owner):
    with pytest.raises(ClipError, match="not_a_correction"):
        report_wrong_verdict(prediction=judged, actor=owner, label="fake")


def test_without_audio_there_is_nothing_to_correct(
    judged, owner, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        delete_clip(clip=judged.clip, actor=owner)
    judged.clip.refresh_from_db()
    with pytest.raises(ClipError, match="audio_erased"):
        report_wrong_verdict(prediction=judged, actor=owner, label="real")
