"""How a history is narrowed down, on the page and in the API alike."""

import django_filters as filters

from detector.engine.types import Verdict
from detector.models import Prediction, Status


class PredictionFilter(filters.FilterSet):
    """Filters of the history."""

    name = filters.CharFilter(field_name="clip__name", lookup_expr="icontains", label="Name")
    verdict = filters.ChoiceFilter(
        choices=[(verdict.value, verdict.value) for verdict in Verdict], label="Verdict"
    )
    status = filters.ChoiceFilter(choices=Status, label="Status")
    since = filters.DateFilter(field_name="created_at", lookup_expr="date__gte", label="From")
    until = filters.DateFilter(field_name="created_at", lookup_expr="date__lte", label="To")
    sha256 = filters.CharFilter(field_name="clip__sha256", label="SHA-256")

    class Meta:
        model = Prediction
        fields = ["name", "verdict", "status", "since", "until", "sha256"]
