"""Writes: what becomes of samples after somebody has listened."""

import logging
from collections.abc import Sequence
from functools import partial
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services import prove_erasure, record
from detector.engine.errors import ClipError
from training.models import FeatureRows, Fingerprint, Label, Sample, SampleState
from training.services.samples import give_opinion

log = logging.getLogger(__name__)

MOST_AT_ONCE = 200


class Decision(models.TextChoices):
    """What a reviewer may do with samples."""

    CONFIRM = "confirm", _("Confirm")
    EXCLUDE = "exclude", _("Exclude")
    RELABEL = "relabel", _("Change the label")
    RESTORE = "restore", _("Put back into review")
    DELETE = "delete", _("Delete")


PAST = {
    Decision.CONFIRM: "confirmed",
    Decision.EXCLUDE: "excluded",
    Decision.RELABEL: "relabelled",
    Decision.RESTORE: "restored",
    Decision.DELETE: "deleted",
}


@transaction.atomic
def review_samples(
    *, ids: Sequence[UUID], actor: User, decision: str, label: str = "", note: str = ""
) -> int:
    """Apply one decision to samples; return how many there were.

    Confirming settles the label, with `label` given another than it had. Relabelling leaves it
    open whether the sample trains. Excluding keeps a sample out of training. Deleting erases its
    audio and everything computed from it.

    Raises
    ------
    ClipError
        ``unknown_label``, ``label_missing`` or ``too_many_samples``; nothing has changed then.
    """
    decision = Decision(decision)
    if label and label not in Label.values:
        raise ClipError("unknown_label", found=label[:20])
    if decision is Decision.RELABEL and not label:
        raise ClipError("label_missing")
    if len(ids) > MOST_AT_ONCE:
        raise ClipError("too_many_samples", limit=MOST_AT_ONCE, found=len(ids))
    found = Sample.objects.select_for_update().filter(pk__in=ids, deleted_at=None).order_by("pk")
    for sample in found:
        _apply(sample, decision, actor, label, note)
        details = {"label": sample.label, "note": note} if note else {"label": sample.label}
        record(
            actor=actor,
            action=f"sample.{PAST[decision]}",
            target=str(sample.pk),
            details=dict(details),
        )
    return len(found)


def _apply(sample: Sample, decision: Decision, actor: User, label: str, note: str) -> None:
    if decision is Decision.DELETE:
        _delete(sample)
        return
    if decision in (Decision.CONFIRM, Decision.RELABEL):
        sample.label = label or sample.label
        give_opinion(sample=sample, person=actor, label=sample.label, note=note)
    if decision is Decision.RESTORE:
        sample.state, sample.decided_by, sample.decided_at = SampleState.WAITING, None, None
    elif decision is not Decision.RELABEL:
        confirmed = decision is Decision.CONFIRM
        sample.state = SampleState.CONFIRMED if confirmed else SampleState.EXCLUDED
        sample.decided_by, sample.decided_at = actor, timezone.now()
    sample.save(update_fields=["label", "state", "decided_by", "decided_at"])


def _delete(sample: Sample) -> None:
    sample.deleted_at = timezone.now()
    sample.save(update_fields=["deleted_at"])
    # Nobody else has the same bytes: a sample that is present is the only one of its content.
    FeatureRows.objects.filter(sha256=sample.sha256).delete()
    Fingerprint.objects.filter(sample=sample).delete()
    transaction.on_commit(partial(erase_audio, sample), robust=True)


def erase_audio(sample: Sample) -> None:
    """Remove a deleted sample's audio from storage; where that fails, the sweep tries again."""
    try:
        sample.audio.delete(save=False)
    except Exception:
        log.exception("the audio of sample %s could not be erased yet", sample.pk)
        return
    with transaction.atomic():
        if Sample.objects.filter(pk=sample.pk).exclude(audio="").update(audio=""):
            prove_erasure(
                kind="sample", target=str(sample.pk), sha256=sample.sha256, size=sample.size
            )
