"""The project: settings, routes, the task queue, and the embedded stack."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
