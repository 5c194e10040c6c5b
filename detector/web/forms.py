"""The history's filters as a person meets them on the page."""

import django_filters as filters
from django import forms
from django.utils.translation import gettext_lazy as _

from detector.engine.types import Verdict
from detector.filters import PredictionFilter, SinceFilter, UntilFilter
from detector.models import Status

VERDICT_LABELS = {
    Verdict.FAKE: _("Synthetic"),
    Verdict.REAL: _("Human"),
    Verdict.INCONCLUSIVE: _("Inconclusive"),
}


class HistoryFilter(PredictionFilter):
    """The same filters as the API's, with words and date pickers."""

    name = filters.CharFilter(
        field_name="clip__name",
        lookup_expr="icontains",
        label=_("Name"),
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    verdict = filters.ChoiceFilter(
        choices=list(VERDICT_LABELS.items()), label=_("Verdict"), empty_label=_("Any verdict")
    )
    status = filters.ChoiceFilter(choices=Status, label=_("State"), empty_label=_("Any state"))
    since = SinceFilter(
        field_name="created_at",
        label=_("From"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = UntilFilter(
        field_name="created_at",
        label=_("To"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    sha256 = filters.CharFilter(
        field_name="clip__sha256",
        label=_("SHA-256"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
