"""Reports are written once and kept in storage until their clip is deleted."""

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from rest_framework.request import Request

from detector.models import Clip, Prediction

LAYOUT = 1
"""Counted up when a report is laid out differently, so that old ones are written anew."""


def report_response(request: HttpRequest | Request, prediction: Prediction) -> HttpResponse:
    """Answer with a judged prediction's report, for the API and the website alike."""
    address = request.build_absolute_uri(reverse("prediction", args=[prediction.pk]))
    return HttpResponse(
        report_of(prediction, address=address),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="voicetell-{prediction.pk}.pdf"'},
    )


def report_of(prediction: Prediction, *, address: str) -> bytes:
    """Return a judged prediction's report, written now if it was not before.

    Parameters
    ----------
    prediction : Prediction
        With its verdict.
    address : str
        Where the prediction can be looked at for as long as it is kept.
    """
    name = _name(prediction)
    if default_storage.exists(name):
        with default_storage.open(name) as file:
            kept: bytes = file.read()
            return kept
    from detector.report.pdf import render  # what draws it stays out of a web process until now

    content = render(prediction, address=address)
    default_storage.save(name, ContentFile(content))
    if Clip.objects.filter(pk=prediction.clip_id, deleted_at__isnull=False).exists():
        default_storage.delete(name)  # the clip went while the report was written
    return content


def forget_reports(clip: Clip) -> None:
    """Remove a clip's reports from storage."""
    for prediction in clip.predictions.only("pk"):
        default_storage.delete(_name(prediction))


def _name(prediction: Prediction) -> str:
    return f"reports/{LAYOUT}/{prediction.pk}.pdf"
