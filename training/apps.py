"""App definition."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrainingConfig(AppConfig):
    """Model versions and how they come to be."""

    name = "training"
    verbose_name = _("Training")
