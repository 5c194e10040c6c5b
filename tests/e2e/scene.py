"""A site in full use: something of every kind on every page, for who looks at all of them."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import Role, Team, User
from accounts.services import create_token, invite, prove_erasure
from detector.judging import judge_prediction
from detector.models import Batch, Prediction, SavedFilter, Status
from detector.selectors import share_token
from detector.services import share
from tests.factories import (
    ArchiveFactory,
    PredictionFactory,
    SampleFactory,
    UserFactory,
    facts,
    version_like,
)
from tests.objects import objects_of
from tests.training.material import add_samples, engine, real
from training.models import (
    ArchivedFile,
    GateReport,
    ModelVersion,
    Rejudging,
    RunState,
    Sample,
    SampleOpinion,
    SecondOpinion,
    TrainingRun,
)
from training.services.promotion import set_challenger
from training.services.runs import claim_next, fail, progress, start_run
from webhooks.models import Endpoint

CHECK = {"figure": "eer", "slice": "", "clips": 836, "groups": 90, "champion": 0.112}
CHECK |= {"challenger": 0.131, "low": -0.004, "high": 0.043, "p": 0.11, "worse": False}
WORSE = CHECK | {"figure": "fpr", "slice": "language: en", "low": 0.01, "p": 0.01, "worse": True}


def judged(owner: User, name: str, audio: bytes, **about: Any) -> Prediction:
    """A recording with the verdict that the model gives it, judged here and now."""
    prediction = PredictionFactory(
        clip__owner=owner,
        clip__name=name,
        clip__audio=ContentFile(audio, name=name),
        clip__size=len(audio),
        **about,
    )
    judge_prediction(prediction.pk)
    prediction.refresh_from_db()
    assert prediction.status == Status.DONE, prediction.error_code
    return prediction


def furnish(owner: User, champion: ModelVersion, clips: dict[str, bytes]) -> dict[str, Any]:
    """Fill the site; return what each parameter of an address may name, and more by its name.

    `clips` are files of recordings by their names; the first is what the pages of one
    prediction show.
    """
    objects = objects_of(owner, champion)
    predictions = [judged(owner, name, audio) for name, audio in clips.items()]
    main = predictions[0]
    challenger = _versions(champion, predictions)
    _history(owner, champion)
    batch = Batch.objects.create(
        owner=owner,
        files=[
            *({"filename": p.clip.name, "prediction": str(p.pk)} for p in predictions),
            {"filename": "letter.txt", "error": {"code": "unsupported_format", "params": {}}},
        ],
    )
    Prediction.objects.filter(pk__in=[p.pk for p in predictions]).update(batch=batch)
    people = _people(owner)
    prove_erasure(kind="clip", target=f"clip:{uuid4()}", sha256="0" * 64, size=63_788)
    return objects | {
        "batch_id": batch.pk,
        "prediction_id": main.pk,
        "clip_id": main.clip_id,
        "token": share_token(share(prediction=main, actor=owner, days=7)),
        "version_id": challenger.pk,
        "name": challenger.name,
        "sample_id": _samples(owner, people, clips).pk,
        **_archives(owner),
        "waiting": PredictionFactory(clip__owner=owner).pk,
        "running": PredictionFactory(clip__owner=owner, running=True).pk,
        "failed": PredictionFactory(clip__owner=owner, failed=True).pk,
        "champion": champion.pk,
        **_runs(owner, champion, challenger),
        **_webhooks(owner),
    }


def _versions(champion: ModelVersion, predictions: list[Prediction]) -> ModelVersion:
    challenger = version_like(champion, "challenger-2026.11")
    set_challenger(version=challenger, actor=None)
    GateReport.objects.create(
        version=challenger, champion=champion, passed=False, clips=836, checks=[CHECK, WORSE]
    )
    for prediction in predictions:
        SecondOpinion.objects.create(
            prediction=prediction, version=challenger, verdict="REAL", probability=0.2, score=-1.4
        )
    return challenger


def _history(owner: User, champion: ModelVersion) -> None:
    """Three weeks of verdicts."""
    now = timezone.now()
    for number in range(60):
        verdict = ("REAL", "FAKE", "REAL", "INCONCLUSIVE")[number % 4]
        at = now - timedelta(hours=9 * number + 1)
        PredictionFactory(
            clip__owner=owner,
            clip__name=f"call {number:03}, line {number % 7}.wav",
            clip__facts=facts(duration=4.0 + 7 * number % 50),
            clip__created_at=at,
            done=True,
            model_version=champion,
            verdict=verdict,
            probability={"REAL": 0.08, "FAKE": 0.94, "INCONCLUSIVE": 0.5}[verdict],
            created_at=at,
            started_at=at,
            finished_at=at + timedelta(seconds=1 + number % 5),
        )
    SavedFilter.objects.create(owner=owner, name="Synthetic, this week", query="verdict=FAKE")


def _people(owner: User) -> list[User]:
    team = Team.objects.create(name="Desk two", shares_history=True)
    people = [
        UserFactory(role=role, team=team, email=f"an.{role}@example.org")
        for role in (Role.ANALYST, Role.CURATOR, Role.OWNER)
    ]
    people[0].is_active = False
    people[0].save()
    invite(actor=owner, email="colleague@example.org", role=Role.CURATOR, team=team)
    soon = timezone.now() + timedelta(days=30)
    create_token(owner=owner, name="call platform", scopes=["predict"], expires_at=soon)
    return people


def _samples(owner: User, people: list[User], clips: dict[str, bytes]) -> Sample:
    add_samples(engine(), owner, count=12)
    add_samples(real(), owner, count=12)
    for number, (name, audio) in enumerate(clips.items()):
        waiting = SampleFactory(
            added_by=owner,
            name=name,
            audio=ContentFile(audio, name=name),
            size=len(audio),
            source="hotline, 3 March",
            speaker="caller 4",
            language="en",
            duration=10.3,
            label="real" if number else "fake",
            people_disagree=not number,
        )
        for place, label in enumerate(("real", "fake")):
            SampleOpinion.objects.create(
                sample=waiting, person=people[place], label=label, note="breath at 3 s"
            )
    return waiting


def _archives(owner: User) -> dict[str, Any]:
    """One that is done, with files of each kind, and one that is not."""
    waiting = {"lease": uuid4(), "lease_expires_at": timezone.now() + timedelta(days=1)}
    done = ArchiveFactory(added_by=owner, name="hotline, March.zip", total=5, state="done")
    running = ArchiveFactory(
        added_by=owner, name="hotline, April.zip", total=800, state="running", **waiting
    )
    sample = Sample.objects.first()
    for place, (code, is_new) in enumerate(
        [("", True), ("", False), ("unsupported_format", False), ("not_in_archive", False)]
    ):
        for archive in (done, running):
            ArchivedFile.objects.create(
                archive=archive,
                place=place,
                name=f"call {place:03}.wav",
                sample=None if code else sample,
                is_new=is_new,
                error_code=code,
                error_params={"found": "text"} if code == "unsupported_format" else {},
            )
    return {"archive_id": done.pk, "archive_running": running.pk}


def _runs(owner: User, champion: ModelVersion, made: ModelVersion) -> dict[str, Any]:
    failed = start_run(actor=owner)
    fail(claim_next(), code="training_lost")
    done = start_run(actor=owner, seed=2)
    claim_next()
    TrainingRun.objects.filter(pk=done.pk).update(
        state=RunState.DONE,
        version=made,
        gate=GateReport.objects.get(version=made),
        finished_at=timezone.now(),
        percent=100,
    )
    running = start_run(actor=owner, seed=3)
    progress(claim_next(), "search", 0.5)
    waiting = start_run(actor=owner, seed=4)
    Rejudging.objects.create(
        version=made, requested_by=owner, until=timezone.now(), total=60, done=21
    )
    return {
        "run_id": done.pk,
        "run_failed": failed.pk,
        "run_running": running.pk,
        "run_waiting": waiting.pk,
    }


def _webhooks(owner: User) -> dict[str, Any]:
    endpoint = Endpoint.objects.get(owner=owner)
    done = timezone.now()
    for number in range(6):
        delivery = endpoint.deliveries.create(
            event="run.done",
            data={"run": number},
            status="failed" if number == 2 else "delivered",
            attempts=3 if number == 2 else 1,
            finished_at=done,
        )
        delivery.log.create(status_code=500 if number == 2 else 204, seconds=0.2, excerpt="ok")
    return {"endpoint_id": endpoint.pk, "delivery_id": delivery.pk}
