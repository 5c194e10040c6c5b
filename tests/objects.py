"""One of everything that an address can name, so that every route can be asked."""

from typing import Any
from uuid import uuid4

from django.utils import timezone

from accounts.models import Role, Team, User
from accounts.services import create_token, invite
from detector.models import Batch, DirectUpload, SavedFilter
from tests.factories import (
    ArchiveFactory,
    ClipPictureFactory,
    PredictionFactory,
    SampleFactory,
    UserFactory,
)
from training.models import ModelVersion
from webhooks.services import create_endpoint

OWNED = {
    "batch_id",
    "clip_id",
    "delivery_id",
    "endpoint_id",
    "filter_id",
    "link_id",
    "prediction_id",
    "token",
    "token_id",
    "upload_id",
}
"""Parameters that name what belongs to one person; the others name what the site has in common."""

CLIP_NAME = "secret-interview.wav"


def objects_of(owner: User, version: ModelVersion) -> dict[str, Any]:
    """Return a value for every parameter that our addresses have: what it names is the owner's.

    A test that misses one here has met a new kind of route: add it.
    """
    batch = Batch.objects.create(owner=owner)
    prediction = PredictionFactory(clip__owner=owner, clip__name=CLIP_NAME, batch=batch, done=True)
    ClipPictureFactory(clip=prediction.clip)
    endpoint, _ = create_endpoint(owner=owner, url="https://example.org/", events=["run.done"])
    upload = DirectUpload.objects.create(owner=owner, name="a.wav", expires_at=timezone.now())
    admin = UserFactory(role=Role.ADMINISTRATOR)
    invitation, secret = invite(actor=admin, email="new@example.org", role=Role.ANALYST, team=None)
    return {
        "archive_id": ArchiveFactory().pk,
        "batch_id": batch.pk,
        "clip_id": prediction.clip_id,
        "code": "not_found",
        "delivery_id": endpoint.deliveries.create(event="run.done", data={}).pk,
        "endpoint_id": endpoint.pk,
        "filter_id": SavedFilter.objects.create(owner=owner, name="mine", query="").pk,
        "invitation_id": invitation.pk,
        "link_id": uuid4(),
        "name": version.name,
        "prediction_id": prediction.pk,
        "rejudging_id": uuid4(),
        "run_id": uuid4(),  # asked for only after the role
        "sample_id": SampleFactory().pk,
        "secret": secret,
        "team_id": Team.objects.create(name="team").pk,
        "token": "a" * 43,
        "token_id": create_token(owner=owner, name="theirs")[0].pk,
        "upload_id": upload.pk,
        "user_id": owner.pk,
        "version_id": version.pk,
    }
