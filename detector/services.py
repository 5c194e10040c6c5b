"""Writes: the life of a clip and its prediction. No engine here: the web process imports this."""

import logging
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from redis.exceptions import RedisError

from accounts.models import User
from accounts.services import record
from detector import events, wakeup
from detector.engine.errors import ClipError
from detector.engine.thresholds import thresholds_for
from detector.engine.types import Picture
from detector.models import (
    Batch,
    Clip,
    ClipPicture,
    Prediction,
    PredictionOrigin,
    SavedFilter,
    ShareLink,
    Status,
)
from detector.report import forget_reports
from detector.selectors import queued_count
from detector.uploads import clean_name, examine
from training.models import AliasName, ModelVersion
from training.selectors import find_version, version_for

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a sender wants beside a verdict."""

    model: str = ""
    """Name or alias of the version that shall judge; empty is whichever is champion then."""
    target_fpr: float | None = None
    """Wanted share of real clips called FAKE, 0 to 1; None is the version's own threshold."""
    keep_audio: bool = True
    """False is zero retention: the audio goes with the verdict."""
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
        ``unknown_version`` or ``fpr_not_available``.
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
    )
    clip.audio.save(f"{clip.pk}.{upload.container}", file, save=False)
    try:
        clip.full_clean()
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


@transaction.atomic(savepoint=False)
def queue_prediction(
    *,
    clip: Clip,
    origin: str = PredictionOrigin.UPLOAD,
    batch: Batch | None = None,
    requested_version: ModelVersion | None = None,
    target_fpr: float | None = None,
) -> Prediction:
    """Queue one more prediction of a stored clip, for its owner."""
    prediction = Prediction.objects.create(
        clip=clip,
        owner_id=clip.owner_id,
        origin=origin,
        batch=batch,
        requested_version=requested_version,
        target_fpr=target_fpr,
    )
    transaction.on_commit(lambda: send(prediction.pk))
    return prediction


def submit_batch(
    *, owner: User, files: "Sequence[File[bytes]]", wishes: Wishes = NO_WISHES
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
            add_to_batch(batch=batch, file=file, wishes=wishes)
    return close_batch(batch=batch)


def open_batch(*, owner: User) -> Batch:
    """Begin a batch to which files come one by one."""
    return Batch.objects.create(owner=owner, is_complete=False)


def add_to_batch(*, batch: Batch, file: "File[bytes]", wishes: Wishes = NO_WISHES) -> Prediction:
    """Submit one file of a batch.

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
        prediction = submit_clip(
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


def send(prediction_id: uuid.UUID) -> None:
    """Put a task for the prediction on the queue. Without a broker the sweeper does it later."""
    from detector.tasks import judge

    try:
        judge.delay(str(prediction_id))
    except (RedisError, OSError, judge.OperationalError):
        log.warning("broker out of reach; prediction %s waits for the sweeper", prediction_id)


def claim(prediction_id: uuid.UUID) -> Prediction | None:
    """Take a lease on a prediction that waits, or whose worker is gone; None if it is taken."""
    now = timezone.now()
    lease = uuid.uuid4()
    taken = (
        Prediction.objects.filter(pk=prediction_id, attempts__lt=settings.MAX_ATTEMPTS)
        .filter(Q(status=Status.QUEUED) | Q(status=Status.RUNNING, lease_expires_at__lt=now))
        .update(
            status=Status.RUNNING,
            lease=lease,
            lease_expires_at=now + timedelta(seconds=settings.LEASE_SECONDS),
            attempts=F("attempts") + 1,
            started_at=Coalesce(F("started_at"), now),
        )
    )
    if not taken:
        return None
    return (
        Prediction.objects.select_related("clip", "requested_version")
        .defer("requested_version__manifest")
        .get(pk=prediction_id, lease=lease)
    )


def finish(
    prediction: Prediction, *, facts: dict[str, Any], picture: Picture, **result: Any
) -> bool:
    """Write the verdict, once: False if the lease was lost and somebody else owns it now."""
    with transaction.atomic():
        held = Q(status=Status.RUNNING, lease=prediction.lease)
        written = _end(prediction, held, status=Status.DONE, **result)
        if written:
            # A clip that was deleted meanwhile, or shall leave nothing, keeps no looks either.
            kept = Clip.objects.filter(pk=prediction.clip_id, deleted_at=None).update(facts=facts)
            if kept and prediction.clip.keep_audio:
                ClipPicture.objects.update_or_create(
                    clip_id=prediction.clip_id, defaults=asdict(picture)
                )
    return written


def fail(prediction: Prediction, *, code: str, params: dict[str, Any] | None = None) -> bool:
    """End the prediction with a problem's code; False if the lease was lost."""
    held = Q(status=Status.RUNNING, lease=prediction.lease)
    return _end(prediction, held, status=Status.FAILED, error_code=code, error_params=params or {})


def cancel(prediction: Prediction) -> bool:
    """End a prediction that waits or runs without a verdict; False if it has ended already.

    A worker that is at it finds its lease gone and writes nothing.
    """
    is_open = Q(status__in=[Status.QUEUED, Status.RUNNING])
    return _end(prediction, is_open, status=Status.CANCELLED, error_code="cancelled")


@transaction.atomic(savepoint=False)
def _end(prediction: Prediction, allowed: Q, *, status: Status, **fields: Any) -> bool:
    written = Prediction.objects.filter(allowed, pk=prediction.pk).update(
        status=status,
        lease=None,
        lease_expires_at=None,
        finished_at=timezone.now(),
        **fields,
    )
    if written:
        events.prediction_ended(prediction, status)
        transaction.on_commit(lambda: _announce(prediction.pk), robust=True)
        if not prediction.clip.keep_audio:
            erase_audio(prediction.clip)
    return bool(written)


def _announce(prediction_id: uuid.UUID) -> None:
    try:
        wakeup.announce(prediction_id)
    except RedisError:
        log.warning("Redis out of reach; whoever waits for %s looks at the row", prediction_id)


def give_back(prediction: Prediction) -> None:
    """Queue a claimed prediction again at once, instead of when its lease ends."""
    returned = Prediction.objects.filter(
        pk=prediction.pk, status=Status.RUNNING, lease=prediction.lease
    ).update(status=Status.QUEUED, lease=None, lease_expires_at=None, sent_at=timezone.now())
    if returned:
        send(prediction.pk)


@transaction.atomic
def delete_clip(*, clip: Clip, actor: User) -> None:
    """Delete a clip: its audio goes from storage, its row stays and says when.

    Raises
    ------
    PermissionDenied
        Somebody else sent it: to see a team's clips is not to own them.
    """
    if clip.owner_id != actor.pk:
        raise PermissionDenied
    deleted = Clip.objects.filter(pk=clip.pk, deleted_at=None).update(deleted_at=timezone.now())
    if deleted:
        ClipPicture.objects.filter(clip=clip).delete()
        forget_reports(clip)
        record(actor=actor, action="clip.deleted", target=str(clip.pk))
        transaction.on_commit(lambda: erase_audio(clip), robust=True)


def erase_audio(clip: Clip) -> None:
    """Remove a clip's audio from storage and say when. Doing it twice does no harm.

    Where the storage fails, the row says that the audio is still there, and the sweep tries again.
    """
    if not clip.audio:
        return
    try:
        clip.audio.delete(save=False)
    except Exception:
        log.exception("the audio of clip %s could not be erased yet", clip.pk)
        return
    Clip.objects.filter(pk=clip.pk).update(audio="", erased_at=timezone.now())


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


@transaction.atomic
def share(*, prediction: Prediction, actor: User, days: int) -> ShareLink:
    """Make a link to a result that ends after some days."""
    link = ShareLink(
        prediction=prediction,
        created_by=actor,
        expires_at=timezone.now() + timedelta(days=days),
    )
    link.full_clean()
    link.save()
    record(actor=actor, action="share.created", target=str(prediction.pk), details=_of(link))
    return link


@transaction.atomic
def revoke_share(*, link: ShareLink, actor: User) -> None:
    """Take a link back: it leads nowhere from now on."""
    revoked = ShareLink.objects.filter(pk=link.pk, revoked_at=None).update(
        revoked_at=timezone.now()
    )
    if revoked:
        record(
            actor=actor, action="share.revoked", target=str(link.prediction_id), details=_of(link)
        )


def note_share_opened(*, link: ShareLink, actor: User) -> None:
    """Write down who looked at a result by a link."""
    record(actor=actor, action="share.opened", target=str(link.prediction_id), details=_of(link))


def _of(link: ShareLink) -> dict[str, object]:
    return {"link": str(link.pk), "until": link.expires_at.isoformat()}


def save_filter(*, owner: User, name: str, query: str) -> SavedFilter:
    """Keep a filter of the history under a name; a name that is there gets the new one."""
    saved, _ = SavedFilter.objects.update_or_create(
        owner=owner, name=name, defaults={"query": query}
    )
    return saved


def drop_filter(*, saved: SavedFilter) -> None:
    """Forget a kept filter."""
    saved.delete()
