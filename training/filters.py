"""How samples are narrowed down, on the page and in the API alike."""

import django_filters as filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from detector.filters import SinceFilter, UntilFilter
from training.models import Extraction, Label, Origin, Sample, SampleState


class SampleFilter(filters.FilterSet):
    """Filters of the samples."""

    state = filters.ChoiceFilter(choices=SampleState, label=_("State"))
    label = filters.ChoiceFilter(choices=Label, label=_("Label"))
    origin = filters.ChoiceFilter(choices=Origin, label=_("Origin"))
    extraction = filters.ChoiceFilter(choices=Extraction, label=_("Work on its audio"))
    disagreement = filters.BooleanFilter(method="disagree", label=_("Disagreement"))
    source = filters.CharFilter(label=_("Source"))
    speaker = filters.CharFilter(label=_("Speaker"))
    generator = filters.CharFilter(label=_("Generator"))
    language = filters.CharFilter(label=_("Language"))
    recording = filters.UUIDFilter(label=_("Recording"))
    sha256 = filters.CharFilter(label=_("SHA-256"))
    since = SinceFilter(field_name="created_at", label=_("From"))
    until = UntilFilter(field_name="created_at", label=_("To"))

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
