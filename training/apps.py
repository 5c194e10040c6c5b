"""App definition."""

from django.apps import AppConfig


class TrainingConfig(AppConfig):
    """Model versions and how they come to be."""

    name = "training"
