"""Writes: how a clip goes, and its audio with it."""

import logging

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import record
from detector.models import (
    Clip,
    ClipPicture,
)
from detector.report import forget_reports

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
