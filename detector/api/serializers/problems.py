"""What is answered where something is wrong (RFC 9457)."""

from typing import Any

from rest_framework import serializers


class FieldError(serializers.Serializer[Any]):
    """What is wrong with one field of a request."""

    field = serializers.CharField(help_text="Its name; empty for the request as a whole.")
    detail = serializers.CharField()
    code = serializers.CharField()


class Fault(serializers.Serializer[Any]):
    """Why a file was refused or could not be judged."""

    type = serializers.CharField(help_text="Address of the problem's page.")
    title = serializers.CharField()
    status = serializers.IntegerField(help_text="HTTP status of an answer that carries it.")
    detail = serializers.CharField()
    code = serializers.CharField(help_text="Stable; see the table of problems.")


class Problem(Fault):
    """An answer that is not a success (RFC 9457)."""

    instance = serializers.CharField(help_text="What was asked for.")
    errors = FieldError(many=True, required=False)  # type: ignore[assignment]  # a field here
    id = serializers.UUIDField(required=False, help_text="Prediction that failed, where one did.")
    links = serializers.DictField(child=serializers.URLField(), required=False)
