"""Forms of the pages of model versions and of the monitor."""

from django import forms
from django.utils.translation import gettext_lazy as _

from training.models import ModelVersion


class ReasonForm(forms.Form):
    """Why a version is promoted, or why not: kept in the audit trail."""

    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=2000,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept in the audit trail with your name."),
    )


class ImportForm(forms.Form):
    """A version's file."""

    file = forms.FileField(
        label=_("Exported version"),
        widget=forms.ClearableFileInput(attrs={"accept": ".zip,application/zip"}),
        help_text=_("It is checked before anything of it is used."),
    )


class CompareForm(forms.Form):
    """Two versions."""

    first = forms.ModelChoiceField(
        ModelVersion.objects.defer("manifest"), label=_("First"), empty_label=None
    )
    second = forms.ModelChoiceField(
        ModelVersion.objects.defer("manifest"), label=_("Second"), empty_label=None
    )
