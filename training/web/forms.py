"""Forms of the pages of model versions, of runs and of the monitor."""

from django import forms
from django.utils.translation import gettext_lazy as _

from detector.engine.types import Verdict
from training.models import ModelType, ModelVersion, PromotePolicy, SearchSize


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


class RunForm(forms.Form):
    """What a training run is asked for."""

    model_type = forms.ChoiceField(
        label=_("Model type"), choices=ModelType.choices, initial=ModelType.AUTO
    )
    search_size = forms.ChoiceField(
        label=_("Search"), choices=SearchSize.choices, initial=SearchSize.NORMAL
    )
    target_fpr = forms.FloatField(
        label=_("Real clips that may be called FAKE, %"),
        initial=2,
        min_value=0.1,
        max_value=20,
        widget=forms.NumberInput(attrs={"step": "any"}),
        help_text=_("The threshold is fixed for this share."),
    )
    promote_policy = forms.ChoiceField(
        label=_("Promote the new version"),
        choices=PromotePolicy.choices,
        initial=PromotePolicy.NEVER,
    )
    seed = forms.IntegerField(
        label=_("Seed"),
        initial=1,
        min_value=0,
        max_value=2**31 - 1,
        help_text=_("The same samples, settings and seed give the same version."),
    )
    include_original_data = forms.BooleanField(
        label=_("Learn from the base corpus too"), initial=True, required=False
    )

    def clean_target_fpr(self) -> float:
        """People write percent, everything else counts from 0 to 1."""
        return float(self.cleaned_data["target_fpr"]) / 100


class RejudgeForm(forms.Form):
    """Which version looks at which history again."""

    version = forms.ModelChoiceField(
        ModelVersion.objects.defer("manifest"), label=_("Version"), empty_label=None
    )
    since = forms.DateTimeField(
        label=_("Judged since"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "date"}),
        help_text=_("Empty: everything."),
    )
    verdict = forms.ChoiceField(
        label=_("Verdict given"),
        required=False,
        choices=[("", _("any")), *((verdict, verdict) for verdict in Verdict)],
    )
