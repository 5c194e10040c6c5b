"""The project itself is an app, so that it can hold the `up` command."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin


class ConfigConfig(AppConfig):
    """Settings, routes and the embedded stack."""

    name = "config"


class PanelConfig(admin.AdminConfig):
    """The admin panel: `config.panel.site.Panel` is the site that everything registers with."""

    default = False  # or it would stand for the whole of `config`
    default_site = "config.panel.site.Panel"

    def ready(self) -> None:
        """Let other packages register what they have, then show what we want shown instead."""
        super().ready()
        from config.panel import live, people, work

        live.register()
        people.register()
        work.register()
