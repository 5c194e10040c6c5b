"""App definition."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DetectorConfig(AppConfig):
    """Clips and predictions."""

    name = "detector"
    verbose_name = _("Clips and predictions")
