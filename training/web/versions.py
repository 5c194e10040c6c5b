"""Pages of model versions."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from accounts.decorators import scope_required
from accounts.models import Scope
from training.models import ModelVersion


@require_GET
@gzip_page
@scope_required(Scope.LABEL)
def versions(request: HttpRequest) -> HttpResponse:
    """All versions, the newest first."""
    found = ModelVersion.objects.prefetch_related("aliases").defer("manifest")
    return render(request, "training/versions.html", {"versions": found})
