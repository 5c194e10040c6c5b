"""The panel's page from which training is started."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse


def retrain(request: HttpRequest) -> HttpResponse:
    """Show what a run would learn from; the run itself is started with its parameters."""
    context: dict[str, Any] = {**admin.site.each_context(request), "title": "Retrain"}
    return TemplateResponse(request, "admin/retrain.html", context)
