"""The form of an endpoint."""

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext_lazy as _

from webhooks.models import EventType


class EndpointForm(forms.Form):
    """Where to send, and what."""

    url = forms.CharField(
        label=_("Address"),
        max_length=2000,
        help_text=_("Begins with https://. It gets a POST for each event."),
        widget=forms.URLInput(attrs={"placeholder": "https://hooks.example.org/voicetell"}),
    )
    description = forms.CharField(label=_("Note (optional)"), max_length=200, required=False)
    events = forms.MultipleChoiceField(
        label=_("Events"),
        choices=lambda: [(event.value, f"{event.label} ({event.value})") for event in EventType],
        widget=forms.CheckboxSelectMultiple,
        initial=[
            EventType.PREDICTION_DONE,
            EventType.PREDICTION_FAILED,
            EventType.PREDICTION_CANCELLED,
        ],
    )

    def refuse(self, error: ValidationError) -> None:
        """Show what a service found wrong, each at its field."""
        fields: dict[str, Any] = error.message_dict
        for name, words in fields.items():
            self.add_error(None if name == NON_FIELD_ERRORS else name, words)
