"""Uploads that go straight into S3 and never through the web process.

What arrives there is trusted no more than any upload: it is examined and copied when it is to be
judged, because the sender may replace it until the leave to send has ended.
"""

from datetime import timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.models import User
from detector.engine.errors import ClipError
from detector.models import DirectUpload, Prediction
from detector.services import NO_WISHES, Wishes, submit_clip
from detector.uploads import clean_name

LASTS = timedelta(minutes=15)
MOST = 1000
"""Uploads of one person that may be open."""


class Form(NamedTuple):
    """What the sender posts to the storage: these fields, and after them the field `file`."""

    url: str
    fields: dict[str, str]


def begin_upload(*, owner: User, name: str) -> tuple[DirectUpload, Form]:
    """Allow somebody to send one file to the storage.

    Raises
    ------
    ClipError
        ``no_direct_upload`` where files are not in S3; ``queue_full``.
    """
    # The names of django-storages' S3 storage; other storages have no bucket.
    bucket: Any = getattr(default_storage, "bucket", None)
    if bucket is None:
        raise ClipError("no_direct_upload")
    found = DirectUpload.objects.filter(owner=owner).count()
    if found >= MOST:
        raise ClipError("queue_full", limit=MOST, found=found)
    upload = DirectUpload.objects.create(
        owner=owner, name=clean_name(name), expires_at=timezone.now() + LASTS
    )
    prefix = str(getattr(default_storage, "location", "")).strip("/")
    signed = bucket.meta.client.generate_presigned_post(
        Bucket=bucket.name,
        Key=f"{prefix}/{upload.key}".lstrip("/"),
        Conditions=[["content-length-range", 1, settings.MAX_UPLOAD_BYTES]],
        ExpiresIn=int(LASTS.total_seconds()),
    )
    return upload, Form(signed["url"], signed["fields"])


def submit_upload(*, upload: DirectUpload, wishes: Wishes = NO_WISHES) -> Prediction:
    """Queue the prediction of a file that was sent to the storage.

    Raises
    ------
    ClipError
        ``nothing_uploaded``, or whatever `submit_clip` finds.
    """
    try:
        with default_storage.open(upload.key) as file:
            prediction = submit_clip(owner=upload.owner, file=file, name=upload.name, wishes=wishes)
    except FileNotFoundError as error:
        raise ClipError("nothing_uploaded") from error
    default_storage.delete(upload.key)
    return prediction


def erase_expired(most: int) -> None:
    """Forget uploads whose time is over, with what still lies in the storage."""
    for upload in DirectUpload.objects.filter(expires_at__lt=timezone.now())[:most]:
        default_storage.delete(upload.key)
        upload.delete()
