"""The project itself is an app, so that it can hold the `up` command."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Settings, routes and the embedded stack."""

    name = "config"
