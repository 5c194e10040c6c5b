"""Rows for tests, made as the product makes them wherever a service exists."""

from datetime import timedelta
from typing import Any

import factory
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import User
from detector.engine.types import Verdict
from detector.models import Clip, ClipPicture, Prediction, Status
from training.models import (
    Archive,
    Extraction,
    Label,
    ModelVersion,
    Origin,
    Sample,
    SampleState,
)

PASSWORD = "correct horse battery staple"


class UserFactory(factory.django.DjangoModelFactory[User]):
    """A person who can log in with `PASSWORD`."""

    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    name = factory.LazyAttribute(lambda user: user.email.split("@")[0].title())
    # One round instead of a million: a valid hash for every process, cheap to make and to check.
    password = PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=1)


class ModelVersionFactory(factory.django.DjangoModelFactory[ModelVersion]):
    """A version's row; its artifact is no model, so nothing can be judged with it."""

    class Meta:
        model = ModelVersion

    name = factory.Sequence(lambda n: f"version-{n}")
    schema = "voicetell-1"
    artifact = factory.LazyAttribute(lambda _: ContentFile(b"not a model", name="artifact.skops"))
    artifact_sha256 = "0" * 64
    manifest = factory.LazyAttribute(
        lambda version: {"name": version.name, "schema": version.schema, "threshold": 0.7}
    )


class ClipFactory(factory.django.DjangoModelFactory[Clip]):
    """A stored clip of four bytes."""

    class Meta:
        model = Clip

    owner = factory.SubFactory(UserFactory)
    name = factory.Sequence(lambda n: f"clip{n}.wav")
    audio = factory.LazyAttribute(lambda _: ContentFile(b"RIFF", name="clip.wav"))
    size = 4
    sha256 = factory.Sequence(lambda n: f"{n:064x}")
    container = "wav"


class ClipPictureFactory(factory.django.DjangoModelFactory[ClipPicture]):
    """A clip's picture of four columns; its spectrogram is one grey pixel."""

    class Meta:
        model = ClipPicture

    clip = factory.SubFactory(ClipFactory)
    peaks = bytes([255, 128, 64, 0])
    spectrogram = bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
        "0000000a49444154789c636800000082008177cd72b60000000049454e44ae426082"
    )


class PredictionFactory(factory.django.DjangoModelFactory[Prediction]):
    """A queued prediction; the traits bring it to the other states."""

    class Meta:
        model = Prediction

    clip = factory.SubFactory(ClipFactory)
    owner = factory.SelfAttribute("clip.owner")

    class Params:
        running = factory.Trait(
            status=Status.RUNNING,
            attempts=1,
            lease=factory.Faker("uuid4", cast_to=None),
            lease_expires_at=factory.LazyFunction(lambda: timezone.now() + timedelta(seconds=30)),
            started_at=factory.LazyFunction(timezone.now),
        )
        done = factory.Trait(
            status=Status.DONE,
            attempts=1,
            model_version=factory.SubFactory(ModelVersionFactory),
            verdict=Verdict.FAKE,
            probability=0.93,
            score=2.6,
            threshold=0.7,
            real_threshold=0.3,
            segments=[
                {"start": 0.0, "end": 3.0, "kind": "speech", "score": 2.6, "probability": 0.93}
            ],
            reasons=[{"code": "score_above_threshold", "weight": None, "params": {}}],
            quality={"speech_seconds": 2.8},
            started_at=factory.LazyFunction(timezone.now),
            finished_at=factory.LazyFunction(timezone.now),
        )
        failed = factory.Trait(
            status=Status.FAILED,
            attempts=1,
            error_code="decode_failed",
            error_params={"found": "WAV"},
            started_at=factory.LazyFunction(timezone.now),
            finished_at=factory.LazyFunction(timezone.now),
        )


class SampleFactory(factory.django.DjangoModelFactory[Sample]):
    """A sample of four bytes that waits for review, and whose audio has been worked on."""

    class Meta:
        model = Sample

    added_by = factory.SubFactory(UserFactory)
    origin = Origin.UPLOAD
    name = factory.Sequence(lambda n: f"sample{n}.wav")
    audio = factory.LazyAttribute(lambda _: ContentFile(b"RIFF", name="sample.wav"))
    size = 4
    sha256 = factory.Sequence(lambda n: f"{n:064x}")
    container = "wav"
    label = Label.REAL
    extraction = Extraction.DONE
    duration = 3.0

    class Params:
        confirmed = factory.Trait(
            state=SampleState.CONFIRMED,
            decided_by=factory.SelfAttribute("added_by"),
            decided_at=factory.LazyFunction(timezone.now),
        )


class ArchiveFactory(factory.django.DjangoModelFactory[Archive]):
    """An archive of one file that waits; what is stored is none."""

    class Meta:
        model = Archive

    added_by = factory.SubFactory(UserFactory)
    name = factory.Sequence(lambda n: f"archive{n}.zip")
    file = factory.LazyAttribute(lambda _: ContentFile(b"PK", name="archive.zip"))
    size = 2
    total = 1


def facts(**changes: Any) -> dict[str, Any]:
    """Return a clip's facts as decoding writes them."""
    return {
        "container": "wav",
        "codec": "pcm_s16le",
        "sample_rate": 16000,
        "channels": 1,
        "duration": 3.0,
        "truncated": False,
        **changes,
    }


def version_like(version: ModelVersion, name: str, **manifest: Any) -> ModelVersion:
    """Return one more version with another's artifact, so that clips can be judged with it."""
    created: ModelVersion = ModelVersionFactory(
        name=name,
        artifact=version.artifact.name,
        artifact_sha256=version.artifact_sha256,
        manifest=version.manifest | {"name": name} | manifest,
    )
    return created
