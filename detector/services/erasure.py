"""Writes: how a clip goes, and its audio with it."""

import logging

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import prove_erasure, record
from detector.models import (
    Clip,
    ClipPicture,
)
from detector.report import forget_reports
from detector.selectors import expired_clips

log = logging.getLogger(__name__)


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
    _delete(clip, actor=actor, action="clip.deleted")


def expire_clips(most: int) -> None:
    """Delete clips that have been kept for as long as they may."""
    for clip in expired_clips()[:most]:
        with transaction.atomic():
            _delete(clip, actor=None, action="clip.expired")


def _delete(clip: Clip, *, actor: User | None, action: str) -> None:
    deleted = Clip.objects.filter(pk=clip.pk, deleted_at=None).update(deleted_at=timezone.now())
    if deleted:
        ClipPicture.objects.filter(clip=clip).delete()
        forget_reports(clip)
        record(actor=actor, action=action, target=str(clip.pk))
        transaction.on_commit(lambda: erase_audio(clip), robust=True)


def erase_audio(clip: Clip) -> None:
    """Remove a clip's audio from storage, and prove it. Doing it twice does no harm.

    Where the storage fails, the row says that the audio is still there, and the sweep tries again.
    """
    if not clip.audio:
        return
    try:
        clip.audio.delete(save=False)
    except Exception:
        log.exception("the audio of clip %s could not be erased yet", clip.pk)
        return
    with transaction.atomic():
        there = Clip.objects.filter(pk=clip.pk).exclude(audio="")
        if there.update(audio="", erased_at=timezone.now()):
            prove_erasure(kind="clip", target=str(clip.pk), sha256=clip.sha256, size=clip.size)
