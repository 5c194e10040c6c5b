"""Writes: links by which a result is shared."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import record
from detector.models import (
    Prediction,
    ShareLink,
)


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
