"""The page that compares what comes in with what the champion was calibrated on."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.decorators import scope_required
from accounts.models import Scope


@require_GET
@scope_required(Scope.LABEL)
def monitor(request: HttpRequest) -> HttpResponse:
    """Recent predictions beside the calibration data."""
    return render(request, "training/monitor.html")
