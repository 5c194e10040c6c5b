"""How samples are narrowed down, on the page and in the API alike."""

import django_filters as filters
from django.db.models import QuerySet

from training.models import Extraction, Label, Origin, Sample, SampleState


class SampleFilter(filters.FilterSet):
    """Filters of the samples."""

    state = filters.ChoiceFilter(choices=SampleState, label="State")
    label = filters.ChoiceFilter(choices=Label, label="Label")
    origin = filters.ChoiceFilter(choices=Origin, label="Origin")
    extraction = filters.ChoiceFilter(choices=Extraction, label="Work on its audio")
    disagreement = filters.BooleanFilter(method="disagree", label="Disagreement")
    source = filters.CharFilter(label="Source")
    speaker = filters.CharFilter(label="Speaker")
    generator = filters.CharFilter(label="Generator")
    language = filters.CharFilter(label="Language")
    recording = filters.UUIDFilter(label="Recording")
    sha256 = filters.CharFilter(label="SHA-256")
    since = filters.DateFilter(field_name="created_at", lookup_expr="date__gte", label="From")
    until = filters.DateFilter(field_name="created_at", lookup_expr="date__lte", label="To")

    class Meta:
        model = Sample
        fields = [
            "state",
            "label",
            "origin",
            "extraction",
            "disagreement",
            "source",
            "speaker",
            "generator",
            "language",
            "recording",
            "sha256",
            "since",
            "until",
        ]

    def disagree(self, rows: QuerySet[Sample], name: str, value: bool) -> QuerySet[Sample]:
        """Keep those on which people, or label and champion, disagree (or agree)."""
        return rows.filter(urgency__gt=0) if value else rows.filter(urgency=0)
