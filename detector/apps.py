"""App definition."""

from django.apps import AppConfig


class DetectorConfig(AppConfig):
    """Clips and predictions."""

    name = "detector"
