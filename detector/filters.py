"""How a history is narrowed down, on the page and in the API alike."""

from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters as filters
from django.core.validators import RegexValidator
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from detector.engine.types import Verdict
from detector.models import Prediction, Status


class SinceFilter(filters.DateFilter):
    """Rows from the beginning of a day on. Moments are compared, not dates: an index serves."""

    def filter(self, rows: QuerySet[Any], value: date | None) -> QuerySet[Any]:
        """Narrow down, if a day is given."""
        return rows.filter(**{f"{self.field_name}__gte": _midnight(value)}) if value else rows


class UntilFilter(filters.DateFilter):
    """Rows up to the end of a day."""

    def filter(self, rows: QuerySet[Any], value: date | None) -> QuerySet[Any]:
        """Narrow down, if a day is given."""
        if not value or value == date.max:
            return rows
        return rows.filter(**{f"{self.field_name}__lt": _midnight(value + timedelta(days=1))})


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


class PredictionFilter(filters.FilterSet):
    """Filters of the history."""

    name = filters.CharFilter(field_name="clip__name", lookup_expr="icontains", label=_("Name"))
    verdict = filters.ChoiceFilter(
        choices=[(verdict.value, verdict.value) for verdict in Verdict], label=_("Verdict")
    )
    status = filters.ChoiceFilter(choices=Status, label=_("Status"))
    since = SinceFilter(field_name="created_at", label=_("From"))
    until = UntilFilter(field_name="created_at", label=_("To"))
    sha256 = filters.CharFilter(field_name="clip__sha256", label=_("SHA-256"))

    external_id = filters.CharFilter(field_name="clip__external_id", label=_("External id"))
    metadata = filters.CharFilter(
        method="has_metadata",
        label=_("Metadata"),
        help_text=_("A name and its text: `desk:fraud`."),
        validators=[RegexValidator(r"^[\w.-]+:", "Write a name and its text: desk:fraud.")],
    )
    model_version = filters.CharFilter(field_name="model_version__name", label=_("Model version"))
    min_score = filters.NumberFilter(field_name="score", lookup_expr="gte", label=_("Score from"))
    max_score = filters.NumberFilter(field_name="score", lookup_expr="lte", label=_("Score to"))

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
