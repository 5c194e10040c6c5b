"""The shape of webhooks in the API. Field names are a promise: they are only ever added."""

from typing import Any

from rest_framework import serializers

from detector.api.fields import TextField
from webhooks.addresses import URL_PATTERN
from webhooks.models import Attempt, Delivery, DeliveryStatus, DisabledBecause, Endpoint, EventType


class EndpointRequest(serializers.Serializer[Any]):
    """What an endpoint is to be."""

    url = serializers.RegexField(
        URL_PATTERN, max_length=2000, help_text="`https://…`; gets a POST for each event."
    )
    events = serializers.ListField(
        child=serializers.ChoiceField(EventType.choices),
        min_length=1,
        max_length=len(EventType),
        help_text="What it is told of.",
    )
    description = TextField(max_length=200, allow_blank=True, required=False)


class EndpointBody(serializers.ModelSerializer[Endpoint]):
    """An endpoint, without its secret."""

    events = serializers.ListField(child=serializers.ChoiceField(EventType.choices))
    disabled_because = serializers.ChoiceField(
        [("", "it is not"), *DisabledBecause.choices], help_text="Empty while it is told."
    )

    class Meta:
        model = Endpoint
        fields = [
            "id",
            "url",
            "events",
            "description",
            "created_at",
            "disabled_at",
            "disabled_because",
            "failing_since",
        ]


class NewEndpointBody(EndpointBody):
    """An endpoint with its new secret: the only answers that hold it."""

    secret = serializers.CharField(help_text="`whsec_…`; checks the signatures.")

    class Meta(EndpointBody.Meta):
        fields = [*EndpointBody.Meta.fields, "secret"]


class EndpointList(serializers.Serializer[Any]):
    """All endpoints of the caller."""

    results = EndpointBody(many=True)


class AttemptBody(serializers.ModelSerializer[Attempt]):
    """One try to deliver."""

    status_code = serializers.IntegerField(allow_null=True)

    class Meta:
        model = Attempt
        fields = ["at", "status_code", "error", "excerpt", "seconds"]


class DeliveryBody(serializers.ModelSerializer[Delivery]):
    """One event for one endpoint, with every attempt."""

    message_id = serializers.CharField(help_text="`webhook-id` of its requests.")
    status = serializers.ChoiceField(DeliveryStatus.choices)
    data = serializers.DictField(  # type: ignore[assignment]  # a field here
        help_text="`data` of the message."
    )
    next_at = serializers.SerializerMethodField(help_text="When it is tried next.")
    attempts = AttemptBody(many=True, source="log")

    class Meta:
        model = Delivery
        fields = [
            "id",
            "message_id",
            "event",
            "status",
            "data",
            "created_at",
            "next_at",
            "finished_at",
            "attempts",
        ]

    def get_next_at(self, row: Delivery) -> str | None:
        """Return when it is tried next, or None once it has ended."""
        return row.next_at.isoformat() if row.status == DeliveryStatus.WAITING else None
