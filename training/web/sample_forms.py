"""Forms of the pages of samples."""

from typing import Any

import django_filters as filters
from django import forms
from django.utils.translation import gettext_lazy as _

from detector.engine.types import Verdict
from training.filters import SampleFilter
from training.manifest import LONGEST
from training.models import Label, Origin, SampleState
from training.services.review import Decision
from training.services.samples import TRUTH_OF

LABELS = [(Label.REAL.value, _("Human")), (Label.FAKE.value, _("Synthetic"))]


def _text(label: Any, name: str, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=LONGEST[name],
        help_text=help_text,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


def _note() -> forms.CharField:
    return forms.CharField(
        label=_("Note"),
        required=False,
        max_length=1000,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class DescribeForm(forms.Form):
    """What is known of a sample beside its label."""

    source = _text(_("Recording or session"), "source")
    speaker = _text(_("Speaker"), "speaker")
    generator = _text(_("Generator"), "generator", _("What synthesised it."))
    language = _text(_("Language"), "language")


class AddForm(DescribeForm):
    """What is said of all files of a drop."""

    # Not marked as required: a manifest may say it. Without one the page asks for it.
    use_required_attribute = False
    label = forms.ChoiceField(label=_("They are"), choices=LABELS, widget=forms.RadioSelect)
    confirm = forms.BooleanField(label=_("I have listened: they need no review"), required=False)

    field_order = ["label", "source", "speaker", "generator", "language", "confirm"]


class DecisionForm(forms.Form):
    """A decision about one sample, out of the queue or its own page."""

    label = forms.ChoiceField(label=_("It is"), choices=LABELS, widget=forms.RadioSelect)
    note = _note()
    decision = forms.ChoiceField(choices=Decision)


class BulkForm(forms.Form):
    """A decision about the samples that are ticked."""

    decision = forms.ChoiceField(
        label=_("With those ticked"),
        choices=[
            ("confirm:", _("confirm as labelled")),
            ("confirm:real", _("confirm as human")),
            ("confirm:fake", _("confirm as synthetic")),
            ("exclude:", _("exclude")),
            ("restore:", _("put back into review")),
            ("delete:", _("delete, with their audio")),
        ],
    )
    samples = forms.TypedMultipleChoiceField(coerce=str)

    def __init__(self, data: Any = None, *, ids: list[str]) -> None:
        super().__init__(data)
        self.fields["samples"].choices = [(id_, id_) for id_ in ids]  # type: ignore[attr-defined]


class FeedbackForm(forms.Form):
    """'This verdict was wrong'."""

    label = forms.ChoiceField(label=_("What it really is"), widget=forms.RadioSelect)
    generator = _text(_("Generator"), "generator", _("If you know what synthesised it."))
    note = forms.CharField(
        label=_("How do you know?"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: Any = None, *, verdict: str) -> None:
        super().__init__(data)
        claimed = TRUTH_OF.get(Verdict(verdict))
        labels = [choice for choice in LABELS if choice[0] != claimed]
        self.fields["label"].choices = labels  # type: ignore[attr-defined]
        self.fields["label"].initial = labels[0][0] if len(labels) == 1 else None


class SampleSearch(SampleFilter):
    """The same filters as the API's, with words."""

    state = filters.ChoiceFilter(choices=SampleState, label=_("State"), empty_label=_("Any state"))
    label = filters.ChoiceFilter(choices=LABELS, label=_("Label"), empty_label=_("Either"))
    origin = filters.ChoiceFilter(choices=Origin, label=_("Origin"), empty_label=_("Any origin"))
    disagreement = filters.BooleanFilter(
        method="disagree",
        label=_("Disagreement"),
        widget=forms.Select(choices=[("", _("Any")), ("true", _("Yes")), ("false", _("No"))]),
    )
