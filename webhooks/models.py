"""Endpoints, and what is to be delivered to them: the outbox and its log."""

import secrets
import uuid
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from webhooks.addresses import check_url


class EventType(models.TextChoices):
    """What can happen. Names are a promise: they are only ever added."""

    PREDICTION_DONE = "prediction.done", _("A clip has its verdict")
    PREDICTION_FAILED = "prediction.failed", _("A clip could not be judged")
    PREDICTION_CANCELLED = "prediction.cancelled", _("A prediction was cancelled")
    BATCH_DONE = "batch.done", _("All files of a batch have their answer")
    RUN_DONE = "run.done", _("A training run has made a model version")
    RUN_FAILED = "run.failed", _("A training run has failed")
    VERSION_PROMOTED = "version.promoted", _("Another model version judges from now on")


TEST_EVENT = "webhook.test"
"""What the test button sends, whatever the endpoint listens to."""


def new_salt() -> str:
    """Return what makes an endpoint's secret different from every other."""
    return secrets.token_hex(16)


def _check_url(url: str) -> None:
    if problem := check_url(url):
        raise ValidationError(problem)


def _check_events(events: object) -> None:
    if not isinstance(events, list) or not events or set(events) - set(EventType.values):
        raise ValidationError("Choose at least one event, and only events that there are.")


class DisabledBecause(models.TextChoices):
    """Why nothing is sent to an endpoint."""

    OWNER = "owner", _("switched off")
    FAILING = "failing", _("no delivery worked for three days")
    GONE = "gone", _("it answered 410 Gone")


class Endpoint(models.Model):
    """An address of somebody's that wants to know.

    Its signing secret is kept nowhere: `webhooks.signing` derives it from the salt and the
    server's own secret key.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="webhooks"
    )
    url = models.CharField(max_length=2000, validators=[_check_url])
    description = models.CharField(max_length=200, blank=True)
    events = models.JSONField(validators=[_check_events])
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    salt = models.CharField(max_length=32, default=new_salt, editable=False)
    previous_salt = models.CharField(max_length=32, blank=True, editable=False)
    previous_until = models.DateTimeField(null=True, editable=False)
    """Until then deliveries carry the signature of the secret before this one as well."""

    disabled_at = models.DateTimeField(null=True, editable=False)
    disabled_because = models.CharField(
        max_length=10, blank=True, choices=DisabledBecause, editable=False
    )
    failing_since = models.DateTimeField(null=True, editable=False)
    """The first failure after the last success."""
    retry_at = models.DateTimeField(null=True, editable=False)
    """Nothing is sent before, for it has just failed."""
    busy_until = models.DateTimeField(null=True, editable=False)
    """A worker delivers to it at the moment; should the worker die, the next one may from then."""

    class Meta:
        ordering = ["created_at"]

    def __str__(self) -> str:
        return self.url


class DeliveryStatus(models.TextChoices):
    """Where a delivery is in its life."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class Delivery(models.Model):
    """One event for one endpoint: written together with what happened, then sent."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=50)
    data = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    status = models.CharField(max_length=10, choices=DeliveryStatus, default=DeliveryStatus.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(fields=["endpoint", "-created_at"]),
            models.Index(
                fields=["next_at"], condition=Q(status="waiting"), name="delivery_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.status}"

    @property
    def message_id(self) -> str:
        """What a receiver knows the delivery by; the same at every attempt."""
        return f"msg_{self.pk.hex}"

    @property
    def last_attempt(self) -> "Attempt | None":
        """The latest try, out of the log as it was loaded."""
        return next(reversed(self.log.all()), None)


class Attempt(models.Model):
    """One try to deliver, and what came back."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="log")
    at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(default=timezone.now)
    status_code = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=300, blank=True)
    """Why there is no status code, or why it does not count as a success."""
    excerpt = models.CharField(max_length=500, blank=True)
    """The beginning of the answer's body."""
    seconds = models.FloatField()

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return self.error or str(self.status_code)
