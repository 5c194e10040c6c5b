"""Fields of the API's requests."""

from typing import Any

from rest_framework import serializers


class TextField(serializers.CharField):
    """A text, and only that: the framework's own takes numbers for texts, which nobody means."""

    def to_internal_value(self, data: Any) -> str:
        """Refuse everything else."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)
