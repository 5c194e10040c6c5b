"""What may be asked for beside a verdict: the options of an upload."""

import json
import re
from dataclasses import fields
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from detector.services import Wishes

MOST_KEYS = 20
LONGEST_TEXT = 500
_KEY = re.compile(r"[\w.-]{1,64}")


@extend_schema_field(
    {
        "type": "object",
        "maxProperties": MOST_KEYS,
        "propertyNames": {"pattern": f"^{_KEY.pattern}$"},
        "additionalProperties": {"type": "string", "maxLength": LONGEST_TEXT},
    }
)
class MetadataField(serializers.Field[dict[str, str], Any, dict[str, str], Any]):
    """A flat JSON object: at most 20 names with texts of at most 500 characters."""

    default_error_messages = {
        "invalid": "Send a JSON object of names (letters, digits, '_', '-', '.'; at most 64 "
        "characters) and texts (at most 500 characters), at most 20 of them.",
    }

    def to_internal_value(self, data: Any) -> dict[str, str]:
        """Read the object from the text of a form's field."""
        try:
            found = json.loads(data) if isinstance(data, str) else data
        except ValueError:
            self.fail("invalid")
        is_sound = isinstance(found, dict) and len(found) <= MOST_KEYS
        if not is_sound or not all(self._is_sound(*item) for item in found.items()):
            self.fail("invalid")
        return dict(found)

    def to_representation(self, value: dict[str, str]) -> dict[str, str]:
        """Return it as it is kept."""
        return value

    def _is_sound(self, key: str, value: Any) -> bool:
        # PostgreSQL keeps no NUL in a text.
        is_text = isinstance(value, str) and len(value) <= LONGEST_TEXT and "\0" not in value
        return is_text and _KEY.fullmatch(key) is not None


class WishFields(serializers.Serializer[Any]):
    """Options of an upload: fields of a form, or parameters of the address for a raw body."""

    model = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=100,
        help_text="Name or alias of the model version that shall judge; the champion if empty.",
    )
    target_fpr = serializers.FloatField(
        required=False,
        min_value=0.0001,
        max_value=0.5,
        help_text="Wanted share of real clips called FAKE; the version's own threshold if empty.",
    )
    keep_audio = serializers.BooleanField(
        required=False,
        default=True,
        help_text="False is zero retention: the audio is erased when the verdict is written.",
    )
    retention_days = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=3650,
        help_text="Days after which the clip is deleted; its team may say earlier.",
    )
    external_id = serializers.CharField(
        required=False, allow_blank=True, max_length=200, help_text="Your own name for the clip."
    )
    metadata = MetadataField(
        required=False, help_text="JSON object of texts, to find the clip by later."
    )


def wishes_of(validated: dict[str, Any]) -> Wishes:
    """Return what `WishFields` read as the service takes it."""
    names = [option.name for option in fields(Wishes) if option.name in validated]
    return Wishes(**{name: validated[name] for name in names})
