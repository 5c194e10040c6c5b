"""Clips go by themselves when they have been kept for as long as they may, with a proof."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.models import AuditEvent, Erasure, Team, User
from detector.models import Clip
from detector.services import Wishes, delete_clip, submit_clip
from detector.upkeep import expire
from tests.api.conftest import WAV
from tests.factories import ClipFactory, SampleFactory, UserFactory
from training.services.review import review_samples

pytestmark = pytest.mark.django_db


def days_ago(days: float) -> Any:
    return timezone.now() - timedelta(days=days)


def kept() -> set[str]:
    return set(Clip.objects.filter(deleted_at=None).values_list("name", flat=True))


def run(capture: Any) -> None:
    with capture(execute=True):
        expire()


def test_a_team_says_how_long(owner: User, django_capture_on_commit_callbacks: Any) -> None:
    owner.team = Team.objects.create(name="Desk", retention_days=30)
    owner.save()
    other = UserFactory(team=Team.objects.create(name="Archive"))
    ClipFactory(owner=owner, name="old", created_at=days_ago(31))
    ClipFactory(owner=owner, name="new", created_at=days_ago(29))
    ClipFactory(owner=other, name="of others", created_at=days_ago(400))
    run(django_capture_on_commit_callbacks)
    assert kept() == {"new", "of others"}
    old = Clip.objects.get(name="old")
    assert old.erased_at
    assert AuditEvent.objects.get(action="clip.expired").target == str(old.pk)


def test_the_site_says_where_no_team_does(
    owner: User, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.RETENTION_DAYS = 10
    patient = UserFactory(team=Team.objects.create(name="Archive", retention_days=100))
    ClipFactory(owner=owner, name="old", created_at=days_ago(11))
    ClipFactory(owner=patient, name="of a patient team", created_at=days_ago(11))
    run(django_capture_on_commit_callbacks)
    assert kept() == {"of a patient team"}


def test_a_sender_may_say_earlier(owner: User, django_capture_on_commit_callbacks: Any) -> None:
    file = ContentFile(WAV, name="a.wav")
    clip = submit_clip(owner=owner, file=file, name="a.wav", wishes=Wishes(retention_days=7)).clip
    assert clip.expires_at == pytest.approx(timezone.now() + timedelta(days=7), abs=timedelta(60))
    run(django_capture_on_commit_callbacks)
    assert kept() == {"a.wav"}
    Clip.objects.update(expires_at=days_ago(0.1))
    run(django_capture_on_commit_callbacks)
    assert kept() == set()


def test_what_goes_leaves_a_proof_and_nothing_else(
    owner: User, django_capture_on_commit_callbacks: Any
) -> None:
    sha256 = hashlib.sha256(b"RIFF").hexdigest()
    clip = ClipFactory(owner=owner, sha256=sha256)
    name = clip.audio.name
    assert default_storage.exists(name)
    with django_capture_on_commit_callbacks(execute=True):
        delete_clip(clip=clip, actor=owner)
    assert not default_storage.exists(name)
    proof = Erasure.objects.get()
    assert (proof.kind, proof.target, proof.sha256, proof.size) == ("clip", str(clip.pk), sha256, 4)


def test_a_sample_leaves_one_too(owner: User, django_capture_on_commit_callbacks: Any) -> None:
    sample = SampleFactory(added_by=owner)
    with django_capture_on_commit_callbacks(execute=True):
        review_samples(ids=[sample.pk], actor=owner, decision="delete")
    proof = Erasure.objects.get()
    assert (proof.kind, proof.target, proof.sha256) == ("sample", str(sample.pk), sample.sha256)
