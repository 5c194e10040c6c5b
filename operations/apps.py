"""Connects what listens to tasks."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Watching and looking after a running installation."""

    name = "operations"

    def ready(self) -> None:
        """Count every task from now on, and give signs of life."""
        from operations import alive as alive
        from operations import tasks_watch as tasks_watch
