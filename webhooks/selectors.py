"""Reads: endpoints and their log. Everybody sees only their own."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from webhooks.models import Delivery, DeliveryStatus, Endpoint


def endpoints_of(user: User) -> QuerySet[Endpoint]:
    """Return the person's endpoints, the oldest first."""
    return Endpoint.objects.filter(owner=user)


def endpoint_of(user: User, endpoint_id: UUID) -> Endpoint | None:
    """Return one endpoint of the person, or None if there is none that is theirs."""
    return endpoints_of(user).filter(pk=endpoint_id).first()


def deliveries_of(endpoint: Endpoint) -> QuerySet[Delivery]:
    """Return what was sent to an endpoint or waits, newest first, each with its attempts."""
    return endpoint.deliveries.prefetch_related("log").order_by("-created_at", "-id")


def delivery_of(user: User, delivery_id: UUID) -> Delivery | None:
    """Return one delivery to an endpoint of the person, or None if there is none."""
    rows = Delivery.objects.select_related("endpoint").filter(endpoint__owner=user)
    return rows.filter(pk=delivery_id).first()


def next_due(endpoint: Endpoint, now: datetime) -> Delivery | None:
    """Return what should have been sent to an endpoint for longest, or None."""
    return (
        endpoint.deliveries.filter(status=DeliveryStatus.WAITING, next_at__lte=now)
        .order_by("next_at")
        .first()
    )
