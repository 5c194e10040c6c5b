"""The form of a new token."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Scope, User
from accounts.services import DEFAULT_SCOPES


class TokenForm(forms.Form):
    """What a token is for, what it may do, and for how long."""

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("Where it will be used: “call platform”.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("It may"), widget=forms.CheckboxSelectMultiple, initial=DEFAULT_SCOPES
    )
    days = forms.TypedChoiceField(
        label=_("It ends"),
        coerce=int,
        empty_value=None,
        required=False,
        initial=90,
        choices=[
            (7, _("in a week")),
            (30, _("in 30 days")),
            (90, _("in 90 days")),
            (365, _("in a year")),
            ("", _("never")),
        ],
    )

    def __init__(self, owner: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # `admin` is never more than everything that its owner may.
        self.fields["scopes"].choices = [  # type: ignore[attr-defined]  # a field of choices
            (scope.value, scope.label)
            for scope in Scope
            if owner.may(scope) or scope == Scope.ADMIN
        ]

    @property
    def expires_at(self) -> datetime | None:
        """When the token ends."""
        days = self.cleaned_data["days"]
        return timezone.now() + timedelta(days=days) if days else None
