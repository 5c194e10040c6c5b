"""Writes: clips that come in, alone, in batches, or to be judged again."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import record
from detector import events
from detector.engine.errors import ClipError
from detector.engine.thresholds import thresholds_for
from detector.models import (
    Batch,
    Clip,
    Prediction,
    PredictionOrigin,
)
from detector.selectors import judged_before, queued_count
from detector.services.life import queue_prediction
from detector.uploads import clean_name, examine, store
from training.models import AliasName, ModelVersion
from training.selectors import find_version, version_for


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a sender wants beside a verdict."""

    model: str = ""
    """Name or alias of the version that shall judge; empty is whichever is champion then."""
    target_fpr: float | None = None
    """Wanted share of real clips called FAKE, 0 to 1; None is the version's own threshold."""
    keep_audio: bool = True
    """False is zero retention: the audio goes with the verdict."""
    retention_days: int | None = None
    """Days after which the clip is deleted by itself; None is as long as its team says."""
    external_id: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)

    def version(self) -> ModelVersion | None:
        """Return the version that was asked for; None is the champion.

        Raises
        ------
        ClipError
            ``unknown_version``, or ``fpr_not_available`` for the wanted rate.
        """
        version = find_version(self.model) if self.model else None
        if self.model and version is None:
            raise ClipError("unknown_version", found=self.model)
        if self.target_fpr is not None and (judges := version or version_for(AliasName.CHAMPION)):
            thresholds_for(judges.manifest, self.target_fpr)
        return None if self.model == AliasName.CHAMPION else version


NO_WISHES = Wishes()


def submit_clip(
    *,
    owner: User,
    file: "File[bytes]",
    name: str,
    batch: Batch | None = None,
    wishes: Wishes = NO_WISHES,
) -> Prediction:
    """Store an uploaded file and queue its prediction.

    Raises
    ------
    ClipError
        ``file_too_large``, ``empty_file``, ``unsupported_format``, ``queue_full``,
        ``unknown_version``, ``fpr_not_available`` or ``storage_unavailable``.
    """
    version = wishes.version()
    _refuse_full_queue(owner)
    upload = examine(file)
    clip = Clip(
        owner=owner,
        name=clean_name(name),
        size=upload.size,
        sha256=upload.sha256,
        container=upload.container,
        external_id=wishes.external_id,
        metadata=dict(wishes.metadata),
        keep_audio=wishes.keep_audio,
        expires_at=timezone.now() + timedelta(days=wishes.retention_days)
        if wishes.retention_days
        else None,
    )
    store(clip.audio, f"{clip.pk}.{upload.container}", file)
    try:
        # The rest of `full_clean` are three questions that the database answers when it saves.
        clip.clean_fields(exclude=["owner"])
        with transaction.atomic():
            clip.save()
            prediction = queue_prediction(
                clip=clip, batch=batch, requested_version=version, target_fpr=wishes.target_fpr
            )
    except BaseException:
        clip.audio.delete(save=False)
        raise
    return prediction


def _refuse_full_queue(owner: User) -> None:
    waiting = queued_count(owner)
    if waiting >= settings.MAX_QUEUED_PER_USER:
        raise ClipError("queue_full", limit=settings.MAX_QUEUED_PER_USER, found=waiting)


def submit_batch(
    *,
    owner: User,
    files: "Sequence[File[bytes]]",
    wishes: Wishes = NO_WISHES,
    recognise: bool = False,
) -> Batch:
    """Submit files together, each by itself: a refused one is noted beside its problem.

    Raises
    ------
    ClipError
        ``unknown_version`` or ``fpr_not_available``: the wishes are those of all files.
    """
    wishes.version()
    batch = open_batch(owner=owner)
    for file in files:
        with suppress(ClipError):
            add_to_batch(batch=batch, file=file, wishes=wishes, recognise=recognise)
    return close_batch(batch=batch)


def open_batch(*, owner: User) -> Batch:
    """Begin a batch to which files come one by one."""
    return Batch.objects.create(owner=owner, is_complete=False)


def add_to_batch(
    *,
    batch: Batch,
    file: "File[bytes]",
    wishes: Wishes = NO_WISHES,
    recognise: bool = False,
) -> Prediction:
    """Submit one file of a batch.

    With `recognise`, bytes that the version in use has judged before get that verdict.

    Raises
    ------
    ClipError
        ``too_many_files``, or why the file was refused, which is noted in the batch.
    """
    if len(batch.files) >= settings.MAX_BATCH_FILES:
        limit = settings.MAX_BATCH_FILES
        raise ClipError("too_many_files", limit=limit, found=len(batch.files) + 1)
    entry: dict[str, Any] = {"filename": clean_name(file.name or "")}
    try:
        earlier = judged_before(batch.owner, examine(file).sha256) if recognise else None
        if earlier:
            entry["known"] = True
        prediction = earlier or submit_clip(
            owner=batch.owner, file=file, name=entry["filename"], batch=batch, wishes=wishes
        )
        entry["prediction"] = str(prediction.pk)
    except ClipError as error:
        entry["error"] = {"code": error.code, "params": error.params}
        raise
    finally:
        _note(batch, entry)
    return prediction


@transaction.atomic
def _note(batch: Batch, entry: dict[str, Any]) -> None:
    """Add to what was sent; several files of one batch may arrive at the same time."""
    batch.files = Batch.objects.select_for_update().get(pk=batch.pk).files
    batch.files.append(entry)
    batch.save(update_fields=["files"])


@transaction.atomic
def close_batch(*, batch: Batch) -> Batch:
    """End a batch: no more files come, and what waits for all of them may go on."""
    batch.is_complete = True
    batch.save(update_fields=["is_complete"])
    events.batch_may_be_done(batch.pk)
    return batch


@transaction.atomic
def rejudge(*, prediction: Prediction, model: str, actor: User) -> Prediction:
    """Queue another prediction of the same clip by a named version; the earlier one stays.

    Raises
    ------
    ClipError
        ``audio_missing``: nothing is kept to judge; ``queue_full`` or ``unknown_version``.
    """
    if not prediction.clip.audio:
        raise ClipError("audio_missing")
    _refuse_full_queue(actor)
    again = queue_prediction(
        clip=prediction.clip,
        origin=PredictionOrigin.REJUDGE,
        requested_version=Wishes(model=model).version(),
    )
    record(
        actor=actor,
        action="prediction.rejudged",
        target=str(prediction.pk),
        details={"model": model, "prediction": str(again.pk)},
    )
    return again
