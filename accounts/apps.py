"""App definition."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """People, roles, API tokens and the audit trail."""

    name = "accounts"
    verbose_name = _("People")
