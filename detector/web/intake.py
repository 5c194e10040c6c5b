"""The first page, and the ways in which a clip gets in from it."""

from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files import File
from django.http import Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_POST

from accounts.decorators import PersonRequest, View, person_required
from detector import services
from detector.engine.errors import ClipError
from detector.messages import PROBLEMS, problem_text
from detector.selectors import batch_of, judged_before, predictions_of
from detector.uploads import examine
from detector.web.examples import examples, find_example
from detector.web.live import fingerprint

RECENT = 8
RECORD_SECONDS = 120
"""How long a recording from the microphone may become."""


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
    """Take one file or several, if they are not too much to be received at all."""
    return _received(request, _take)


def _received(request: PersonRequest, take: View) -> HttpResponseBase:
    """Let a view take files if they are not too much to be received at all.

    The check for forged forms reads the whole body, so it comes after the look at its length.
    """
    length, limit = int(request.META.get("CONTENT_LENGTH") or 0), settings.MAX_BATCH_BYTES
    if length == 0:
        return _refuse(request, ClipError("length_required"))
    if length > limit:
        found = {"limit": filesizeformat(limit), "found": filesizeformat(length)}
        return _refuse(request, ClipError("batch_too_large", **found))
    return take(request)


@csrf_protect
def _take(request: PersonRequest) -> HttpResponseBase:
    files = request.FILES.getlist("files")
    try:
        if not files:
            raise ClipError("no_file")
        if len(files) > settings.MAX_BATCH_FILES:
            raise ClipError("too_many_files", limit=settings.MAX_BATCH_FILES, found=len(files))
        if len(files) > 1:
            batch = services.submit_batch(owner=request.user, files=files, recognise=True)
            return _go(request, reverse("batch", args=[batch.pk]))
        if earlier := judged_before(request.user, examine(files[0]).sha256):
            return _go(request, f"{reverse('prediction', args=[earlier.pk])}?known")
        prediction = services.submit_clip(
            owner=request.user, file=files[0], name=files[0].name or ""
        )
    except ClipError as error:
        return _refuse(request, error, files[0].name if len(files) == 1 else None)
    return _go(request, reverse("prediction", args=[prediction.pk]))


@require_POST
@person_required
def open_batch(request: PersonRequest) -> HttpResponse:
    """Begin a batch to which files are sent one by one, each with its own progress."""
    batch = services.open_batch(owner=request.user)
    return JsonResponse(
        {name: reverse(name, args=[batch.pk]) for name in ("batch", "batch-add", "batch-close")},
        status=201,
    )


@csrf_exempt
@require_POST
@person_required
def add_to_batch(request: PersonRequest, batch_id: UUID) -> HttpResponseBase:
    """Take one more file of a batch, if it is not too much to be received at all."""
    return _received(request, partial(_add, batch_id=batch_id))


@csrf_protect
def _add(request: PersonRequest, batch_id: UUID) -> HttpResponse:
    batch = batch_of(request.user, batch_id)
    file = request.FILES.get("files")
    if batch is None or batch.owner != request.user or batch.is_complete:
        raise Http404
    if file is None:
        return _refuse(request, ClipError("no_file"))
    try:
        services.add_to_batch(batch=batch, file=file, recognise=True)
    except ClipError as error:
        return _refuse(request, error)
    return HttpResponse(status=201)


@require_POST
@person_required
def close_batch(request: PersonRequest, batch_id: UUID) -> HttpResponse:
    """End a batch: no more files come."""
    batch = batch_of(request.user, batch_id)
    if batch is None or batch.owner != request.user:
        raise Http404
    services.close_batch(batch=batch)
    return HttpResponse(status=204)


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
        "checks": _checks(),
        "record_seconds": min(RECORD_SECONDS, settings.MAX_CLIP_SECONDS),
        **more,
    }


CHECKED_BEFORE_SENDING = ("empty_file", "file_too_large", "audio_too_long", "too_many_files")


def _checks() -> dict[str, Any]:
    """Return the limits that a script may check before sending, with the words for each.

    They spare a person the wait; the server checks all of them again.
    """
    return {
        "bytes": settings.MAX_UPLOAD_BYTES,
        "seconds": settings.MAX_CLIP_SECONDS,
        "files": settings.MAX_BATCH_FILES,
        "problems": {
            code: {"title": PROBLEMS[code].title, "text": PROBLEMS[code].text}
            for code in CHECKED_BEFORE_SENDING
        },
    }


def _recent(request: PersonRequest) -> dict[str, Any]:
    rows = list(predictions_of(request.user).filter(owner=request.user)[:RECENT])
    return {"predictions": rows, "fingerprint": fingerprint(rows)}
