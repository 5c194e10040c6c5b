"""The first page, and the ways in which a clip gets in from it."""

from typing import Any

from django.conf import settings
from django.core.files import File
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_POST

from detector import services
from detector.engine.errors import ClipError
from detector.messages import PROBLEMS, problem_text
from detector.selectors import predictions_of
from detector.web.access import PersonRequest, person_required
from detector.web.examples import examples, find_example
from detector.web.live import fingerprint

RECENT = 8


@require_GET
@gzip_page
@person_required
def home(request: PersonRequest) -> HttpResponse:
    """Judge a clip: where to drop it, and what was judged last."""
    return render(request, "detector/home.html", _home(request))


@require_GET
@person_required
def recent(request: PersonRequest) -> HttpResponse:
    """Answer with the list of last clips, if it no longer stands as the page shows it."""
    context = _recent(request)
    if context["fingerprint"] and context["fingerprint"] == request.GET.get("shown"):
        return HttpResponse(status=204)
    return render(request, "detector/_recent.html", context)


@csrf_exempt
@require_POST
@person_required
def upload(request: PersonRequest) -> HttpResponseBase:
    """Take one file or several, if they are not too much to be received at all.

    The check for forged forms reads the whole body, so it comes after the look at its length.
    """
    length, limit = int(request.META.get("CONTENT_LENGTH") or 0), settings.MAX_BATCH_BYTES
    if length == 0:
        return _refuse(request, ClipError("length_required"))
    if length > limit:
        found = {"limit": filesizeformat(limit), "found": filesizeformat(length)}
        return _refuse(request, ClipError("batch_too_large", **found))
    return _take(request)


@csrf_protect
def _take(request: PersonRequest) -> HttpResponseBase:
    files = request.FILES.getlist("files")
    try:
        if not files:
            raise ClipError("no_file")
        if len(files) > settings.MAX_BATCH_FILES:
            raise ClipError("too_many_files", limit=settings.MAX_BATCH_FILES, found=len(files))
        if len(files) > 1:
            batch = services.submit_batch(owner=request.user, files=files)
            return _go(request, reverse("batch", args=[batch.pk]))
        prediction = services.submit_clip(
            owner=request.user, file=files[0], name=files[0].name or ""
        )
    except ClipError as error:
        return _refuse(request, error, files[0].name if len(files) == 1 else None)
    return _go(request, reverse("prediction", args=[prediction.pk]))


@require_POST
@person_required
def judge_example(request: PersonRequest) -> HttpResponseBase:
    """Judge one of the shipped clips."""
    example = find_example(request.POST.get("example", ""))
    if example is None:
        raise Http404
    with example.path.open("rb") as file:
        try:
            prediction = services.submit_clip(
                owner=request.user, file=File(file), name=example.name
            )
        except ClipError as error:
            return _refuse(request, error, example.name)
    return redirect("prediction", prediction.pk)


def _go(request: PersonRequest, url: str) -> HttpResponseBase:
    return HttpResponse(headers={"HX-Redirect": url}) if request.htmx else redirect(url)


def _refuse(request: PersonRequest, error: ClipError, name: str | None = None) -> HttpResponse:
    problem = PROBLEMS[error.code]
    refused = {
        "name": name,
        "title": problem.title,
        "text": problem_text(error.code, error.params),
    }
    if request.htmx:
        return render(
            request, "components/refused.html", {"refused": refused}, status=problem.status
        )
    return render(
        request, "detector/home.html", _home(request, refused=refused), status=problem.status
    )


def _home(request: PersonRequest, **more: Any) -> dict[str, Any]:
    recent = _recent(request)
    return {
        **recent,
        "examples": examples(),
        "max_size": f"{settings.MAX_UPLOAD_BYTES // 1024**2} MB",
        "max_minutes": settings.MAX_CLIP_SECONDS // 60,
        "max_files": settings.MAX_BATCH_FILES,
        **more,
    }


def _recent(request: PersonRequest) -> dict[str, Any]:
    rows = list(predictions_of(request.user).filter(owner=request.user)[:RECENT])
    return {"predictions": rows, "fingerprint": fingerprint(rows)}
