"""Reads: clips, predictions and their history.

Everybody sees their own, and what their team has if it shares its history.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Team, User
from detector.engine.types import Verdict
from detector.models import (
    FINISHED,
    Batch,
    Clip,
    ClipPicture,
    Prediction,
    ShareLink,
    Status,
)
from training.models import AliasName
from training.selectors import version_for


def _seen_by(user: User) -> Q:
    """Rows whose `owner` is the person, or a member of their team where it shares its history."""
    if user.team is not None and user.team.shares_history:
        return Q(owner__team=user.team)
    return Q(owner=user)


def predictions_of(user: User) -> QuerySet[Prediction]:
    """Return the predictions that a person sees, on clips that are not deleted, newest first."""
    return (
        Prediction.objects.filter(_seen_by(user), clip__deleted_at=None)
        .select_related("clip", "model_version", "requested_version", "owner")
        # As long as all the rest together.
        .defer("model_version__manifest", "requested_version__manifest")
        .order_by("-created_at", "-id")
    )


def prediction_of(user: User, prediction_id: UUID) -> Prediction | None:
    """Return one prediction that the person sees, or None."""
    # Unordered: to put one row in order costs a hot path as much as to find it.
    return next(iter(predictions_of(user).filter(pk=prediction_id).order_by()), None)


def queued_count(user: User) -> int:
    """Return how many of the person's predictions wait."""
    return Prediction.objects.filter(owner=user, status=Status.QUEUED).count()


def batch_of(user: User, batch_id: UUID) -> Batch | None:
    """Return one batch that the person sees, or None."""
    return Batch.objects.select_related("owner").filter(_seen_by(user), pk=batch_id).first()


def waiting_before(prediction: Prediction) -> int:
    """Return how many predictions of anybody wait and came before this one."""
    waiting = Prediction.objects.filter(status=Status.QUEUED)
    return waiting.filter(created_at__lt=prediction.created_at).count()


def batches_of(user: User) -> QuerySet[Batch]:
    """Return the batches that a person sees, the newest first."""
    rows = Batch.objects.filter(_seen_by(user)).select_related("owner")
    return rows.order_by("-created_at", "-id")


def batch_counts(batches: list[Batch]) -> dict[UUID, dict[str, Any]]:
    """Return how the clips of some batches ended: by verdict in lower case, and those `open`.

    Not an annotation of `batches_of`, which would count all batches there are for a page of them.
    """
    by_verdict = {verdict.lower(): Count("pk", filter=Q(verdict=verdict)) for verdict in Verdict}
    is_open = Q(status__in=[Status.QUEUED, Status.RUNNING])
    rows = Prediction.objects.filter(batch__in=batches, clip__deleted_at=None).values("batch")
    counted = rows.annotate(**by_verdict, open=Count("pk", filter=is_open))
    return {row["batch"]: {**row} for row in counted}


def judged_before(user: User, sha256: str) -> Prediction | None:
    """Return the person's last verdict of the version in use on a recording, if there is one."""
    champion = version_for(AliasName.CHAMPION)
    if champion is None:
        return None
    # By its own threshold: a verdict at another wanted error rate may be another one.
    return same_recording(user, sha256).filter(model_version=champion, target_fpr=None).first()


def same_recording(user: User, sha256: str) -> QuerySet[Prediction]:
    """Return the person's verdicts on a recording, whatever it was called, newest first."""
    return predictions_of(user).filter(clip__sha256=sha256, status=Status.DONE)


EVIDENCE = ("segments", "reasons", "quality", "timings", "explanation", "clip__facts")
"""The long columns, which lists leave out."""


def batch_predictions(batch: Batch) -> QuerySet[Prediction]:
    """Return a batch's predictions without their evidence, on clips that are not deleted.

    Those of files that were judged before were made earlier and belong to it all the same.
    """
    known = [entry["prediction"] for entry in batch.files if "known" in entry]
    rows = predictions_of(batch.owner).filter(Q(batch=batch) | Q(pk__in=known))
    # A list shows how long each clip is, which is among its facts.
    return rows.defer(*(name for name in EVIDENCE if name != "clip__facts"))


def unfinished_in(batch: Batch) -> Prediction | None:
    """Return the oldest prediction of a batch that has not finished, or None."""
    waiting = batch_predictions(batch).filter(status__in=[Status.QUEUED, Status.RUNNING])
    return waiting.order_by("created_at").first()


def clip_of(user: User, clip_id: UUID) -> Clip | None:
    """Return one clip that the person sees and that is not deleted, or None."""
    return Clip.objects.filter(_seen_by(user), pk=clip_id, deleted_at=None).first()


def audio_to_erase() -> QuerySet[Clip]:
    """Return clips whose audio should be gone: deleted ones, and judged ones of zero retention."""
    is_open = Prediction.objects.filter(clip=OuterRef("pk")).exclude(status__in=FINISHED)
    has_ended = Q(keep_audio=False) & ~Exists(is_open)
    return Clip.objects.filter(Q(deleted_at__isnull=False) | has_ended).exclude(audio="")


def expired_clips() -> QuerySet[Clip]:
    """Return clips that have been kept for as long as their senders or the senders' teams say."""
    now = timezone.now()
    is_over = Q(expires_at__lt=now)
    for team in Team.objects.exclude(retention_days=None):
        is_over |= Q(
            owner__team=team, created_at__lt=now - timedelta(days=team.retention_days or 0)
        )
    if days := settings.RETENTION_DAYS:
        silent = Q(owner__team=None) | Q(owner__team__retention_days=None)
        is_over |= silent & Q(created_at__lt=now - timedelta(days=days))
    return Clip.objects.filter(is_over, deleted_at=None)


def kept_until(clip: Clip) -> datetime | None:
    """Return when `expired_clips` will hold a clip, or None where nobody has said."""
    team = clip.owner.team
    days = (team.retention_days if team else None) or settings.RETENTION_DAYS
    by_rule = clip.created_at + timedelta(days=days) if days else None
    return min(filter(None, (clip.expires_at, by_rule)), default=None)


_shares = Signer(salt="detector.share")


def share_token(link: ShareLink) -> str:
    """Return the text by which a link is known outside: its id, signed."""
    return _shares.sign(str(link.pk))


def shared_prediction(viewer: User, token: str) -> tuple[ShareLink, Prediction] | None:
    """Return the link behind a token and the result that it leads to, if it still does.

    A link of somebody in a team is for that team; any other, for whoever has an account here.
    """
    try:
        link = (
            ShareLink.objects.filter(pk=_shares.unsign(token)).select_related("created_by").first()
        )
    except BadSignature:
        return None
    if link is None or not link.is_valid(timezone.now()):
        return None
    if link.created_by != viewer and link.created_by.team_id not in (None, viewer.team_id):
        return None
    found = (
        Prediction.objects.filter(pk=link.prediction_id, clip__deleted_at=None)
        .select_related("clip", "owner", "model_version")
        .first()
    )
    return (link, found) if found else None


def share_links_of(prediction: Prediction) -> list[ShareLink]:
    """Return the links to a result that still lead there, the newest first."""
    return list(prediction.share_links.filter(revoked_at=None, expires_at__gt=timezone.now()))


def picture_of(clip: Clip) -> ClipPicture | None:
    """Return what a clip looks like, if it was drawn and is still kept."""
    return ClipPicture.objects.filter(clip=clip, clip__deleted_at=None).first()
