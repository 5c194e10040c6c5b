"""Pages of predictions: one, and a batch; and deleting a clip."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_http_methods

from accounts.decorators import PersonRequest, person_required
from detector import services
from detector.models import Status
from detector.report import report_response
from detector.selectors import batch_of, batch_predictions, clip_of, same_recording
from detector.web.live import fingerprint
from detector.web.result import result, seen_by

OTHERS = 8
"""Other verdicts on one recording that its page lists."""


@require_GET
@gzip_page
@person_required
def prediction(request: PersonRequest, prediction_id: UUID) -> HttpResponse:
    """One clip and what was said of it."""
    return render(request, "detector/prediction.html", _reading(request, prediction_id))


@require_GET
@gzip_page
@person_required
def prediction_live(request: PersonRequest, prediction_id: UUID) -> HttpResponse:
    """Answer with the body of that page, if it no longer stands as the page shows it."""
    context = _reading(request, prediction_id)
    if context["prediction"].status == request.GET.get("shown"):
        return HttpResponse(status=204)
    return render(request, "detector/_prediction.html", {**context, "is_news": True})


@require_GET
@person_required
def prediction_report(request: PersonRequest, prediction_id: UUID) -> HttpResponse:
    """The result as a PDF; before there is one, there is no report."""
    found = seen_by(request.user, prediction_id)
    if found.status != Status.DONE:
        raise Http404
    return report_response(request, found)


def _reading(request: PersonRequest, prediction_id: UUID) -> dict[str, Any]:
    found = seen_by(request.user, prediction_id)
    return {
        **result(found),
        "others": same_recording(request.user, found.clip.sha256).exclude(pk=found.pk)[:OTHERS],
        "is_known": "known" in request.GET,
        "audio_url": reverse("clip-audio", args=[found.clip_id]),
        "spectrogram_url": reverse("clip-spectrogram", args=[found.clip_id]),
    }


@require_GET
@gzip_page
@person_required
def batch(request: PersonRequest, batch_id: UUID) -> HttpResponse:
    """Files that were sent together: those being judged and those that were refused."""
    found = batch_of(request.user, batch_id)
    if found is None:
        raise Http404
    rows = list(batch_predictions(found).order_by("created_at", "id"))
    now = fingerprint(rows)
    if request.htmx and now and now == request.GET.get("shown"):
        return HttpResponse(status=204)
    context = {
        "batch": found,
        "predictions": rows,
        "refused": [entry for entry in found.files if "error" in entry],
        "known_count": sum("known" in entry for entry in found.files),
        "open_count": sum(not row.is_finished for row in rows),
        "fingerprint": now,
    }
    template = "detector/_batch.html" if request.htmx else "detector/batch.html"
    response = render(request, template, context)
    response["Vary"] = "HX-Request, Cookie"
    return response


@require_http_methods(["GET", "POST"])
@person_required
def delete_clip(request: PersonRequest, clip_id: UUID) -> HttpResponseBase:
    """Ask, then delete a clip with its audio."""
    clip = clip_of(request.user, clip_id)
    if clip is None:
        raise Http404
    if clip.owner_id != request.user.pk:
        raise PermissionDenied
    back = request.GET.get("next") or request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        back = reverse("history")
    if request.method == "POST":
        services.delete_clip(clip=clip, actor=request.user)
        messages.success(request, _("“%(name)s” and its audio are deleted.") % {"name": clip.name})
        return redirect(back)
    template = "detector/_delete.html" if request.htmx else "detector/delete.html"
    return render(request, template, {"clip": clip, "next": back})
