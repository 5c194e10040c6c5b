"""Fields of the API's requests."""

from typing import Any
from uuid import UUID

from django.core.validators import RegexValidator
from rest_framework import serializers


class TextField(serializers.CharField):
    """A text, and only that: the framework's own takes numbers for texts, which nobody means."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        if not self.allow_blank:
            # Spaces alone are refused as blank already; so the description says it, too.
            self.validators.append(RegexValidator(r"\S"))

    def to_internal_value(self, data: Any) -> str:
        """Refuse everything else."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class IdField(serializers.UUIDField):
    """An id as it is given out: the framework's own takes any number for one, too."""

    def to_internal_value(self, data: Any) -> UUID:
        """Refuse everything else."""
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)
