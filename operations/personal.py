"""All that is kept about one person: handed to them, or erased."""

import io
import zipfile
from collections.abc import Iterator
from itertools import islice
from typing import IO, Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.core import serializers
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import ForeignKey, Model, Q, QuerySet

from accounts.models import ApiToken, AuditEvent, Erasure, Invitation, Role, User
from accounts.services import record
from detector.models import Batch, Clip, Prediction, SavedFilter, ShareLink
from detector.services import delete_clip
from training.models import Archive, Sample
from training.services.archives import forget_archives
from training.services.review import MOST_AT_ONCE, Decision, review_samples
from webhooks.models import Endpoint

SECRET = {"password", "digest", "data", "lease", "salt", "previous_salt"}
"""Columns that open something: a copy would be a danger, and says nothing of the person."""

OF_OTHERS = {"decided_by", "cancelled_by"}
"""Columns that name the person in rows of other people's; the audit trail has what they did."""

_CHUNK = 500


class LastingPersonError(Exception):
    """An administrator cannot be erased: somebody else must have their office first."""


def export_person(*, user: User, file: IO[bytes]) -> None:
    """Write a ZIP of every row that is the person's, one JSON file a table, and of their audio."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for model, rows in _rows_of(user):
            names = [c.name for c in model._meta.concrete_fields if c.name not in SECRET]
            with archive.open(f"{model._meta.label_lower}.json", "w") as entry:
                text = io.TextIOWrapper(entry, encoding="utf-8", write_through=True)
                found: Any = rows.iterator(chunk_size=_CHUNK)
                serializers.serialize("json", found, fields=names, stream=text, indent=1)
                text.detach()
        for name in _audio_of(user):
            try:
                with default_storage.open(name) as audio:
                    archive.writestr(f"audio/{name}", audio.read(), zipfile.ZIP_STORED)
            except FileNotFoundError:
                continue
    record(actor=user, action="person.exported", target=str(user.pk))


def erase_person(*, user: User) -> list[Erasure]:
    """Erase a person: their audio, names, addresses and keys. Return the proofs.

    Rows of clips and verdicts stay as figures without names; the account stays as a number, so that
    the audit trail keeps its meaning.

    Raises
    ------
    LastingPersonError
        The person is an administrator.
    """
    if user.role == Role.ADMINISTRATOR or user.is_superuser:
        raise LastingPersonError
    email = user.email
    with transaction.atomic():
        for clip in Clip.objects.filter(owner=user, deleted_at=None):
            delete_clip(clip=clip, actor=user)
        samples = Sample.objects.filter(added_by=user)
        left = iter(list(samples.filter(deleted_at=None).values_list("pk", flat=True)))
        while ids := list(islice(left, MOST_AT_ONCE)):
            review_samples(ids=ids, actor=user, decision=Decision.DELETE)
        samples.update(name="erased", source="", speaker="")
        forget_archives(user)
        clips = Clip.objects.filter(owner=user)
        clips.update(name="erased", external_id="", metadata={}, facts={})
        Prediction.objects.filter(owner=user).update(segments=[], explanation={})
        Batch.objects.filter(owner=user).update(files=[])
        for rows in (
            ApiToken.objects.filter(owner=user),
            Endpoint.objects.filter(owner=user),
            SavedFilter.objects.filter(owner=user),
            ShareLink.objects.filter(created_by=user),
            EmailAddress.objects.filter(user=user),
            Authenticator.objects.filter(user=user),
            UserSession.objects.filter(user=user),
            Invitation.objects.filter(email=email),
        ):
            rows.delete()
        user.email, user.name = f"erased-{user.pk}@erased.invalid", ""
        user.is_active, user.team, user.notices = False, None, []
        user.set_unusable_password()
        user.save()
        record(actor=None, action="person.erased", target=str(user.pk))
    return list(_erasures_of(user).order_by("at"))


def waiting_for_storage(user: User) -> int:
    """Return how many files of an erased person the storage has not let go of yet."""
    clips = Clip.objects.filter(owner=user).exclude(audio="")
    samples = Sample.objects.filter(added_by=user).exclude(audio="")
    archives = Archive.objects.filter(added_by=user).exclude(file="")
    return clips.count() + samples.count() + archives.count()


def _rows_of(user: User) -> Iterator[tuple[type[Model], QuerySet[Any]]]:
    """Return every table with the rows that are the person's, the empty ones left out."""
    yield User, User.objects.filter(pk=user.pk)
    yield Erasure, _erasures_of(user)
    for model in apps.get_models():
        theirs = Q(pk__in=[])
        for column in model._meta.concrete_fields:
            points = isinstance(column, ForeignKey) and column.related_model is User
            if points and column.name not in OF_OTHERS:
                theirs |= Q(**{column.name: user})
        if model is AuditEvent:
            theirs |= Q(target=user.email)
        rows = model._default_manager.filter(theirs).order_by("pk")
        if rows.exists():
            yield model, rows


def _erasures_of(user: User) -> QuerySet[Erasure]:
    clips = Clip.objects.filter(owner=user).values_list("pk", flat=True)
    samples = Sample.objects.filter(added_by=user).values_list("pk", flat=True)
    return Erasure.objects.filter(target__in=[str(pk) for pk in (*clips, *samples)])


def _audio_of(user: User) -> Iterator[str]:
    yield from Clip.objects.filter(owner=user).exclude(audio="").values_list("audio", flat=True)
    theirs = Sample.objects.filter(added_by=user)
    yield from theirs.exclude(audio="").values_list("audio", flat=True)
