"""How a history is narrowed down, on the page and in the API alike."""

import django_filters as filters
from django.core.validators import RegexValidator
from django.db.models import QuerySet

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

    external_id = filters.CharFilter(field_name="clip__external_id", label="External id")
    metadata = filters.CharFilter(
        method="has_metadata",
        label="Metadata",
        help_text="A name and its text: `desk:fraud`.",
        validators=[RegexValidator(r"^[\w.-]+:", "Write a name and its text: desk:fraud.")],
    )
    model_version = filters.CharFilter(field_name="model_version__name", label="Model version")
    min_score = filters.NumberFilter(field_name="score", lookup_expr="gte", label="Score from")
    max_score = filters.NumberFilter(field_name="score", lookup_expr="lte", label="Score to")

    class Meta:
        model = Prediction
        fields = [
            "name",
            "verdict",
            "status",
            "since",
            "until",
            "sha256",
            "external_id",
            "metadata",
            "model_version",
            "min_score",
            "max_score",
        ]

    def has_metadata(
        self, rows: QuerySet[Prediction], name: str, value: str
    ) -> QuerySet[Prediction]:
        """Narrow down to clips whose metadata hold this text under this name."""
        key, _, text = value.partition(":")
        return rows.filter(clip__metadata__contains={key: text})
