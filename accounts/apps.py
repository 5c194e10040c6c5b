"""App definition."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, roles, API tokens and the audit trail."""

    name = "accounts"
