"""Adding samples from the website: many files at once, or an archive."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.files import File
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from accounts.decorators import PersonRequest, scope_required
from accounts.models import Scope
from detector.engine.errors import ClipError
from detector.messages import PROBLEMS, problem_text
from training.manifest import MOST_FILES, About
from training.models import Origin
from training.selectors.archives import archives
from training.services.archives import keep_archive
from training.services.samples import Entry, Outcome, add_described, add_samples
from training.web.sample_forms import AddForm

SHOWN_ARCHIVES = 10


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@scope_required(Scope.LABEL)
def add(request: PersonRequest) -> HttpResponseBase:
    """Choose files or an archive, and see what became of each.

    The check for forged forms reads the whole body, so it comes after the look at its length.
    """
    length, limit = int(request.META.get("CONTENT_LENGTH") or 0), settings.MAX_BATCH_BYTES
    if request.method == "POST" and length > limit:
        found = {"limit": filesizeformat(limit), "found": filesizeformat(length)}
        return _page(request, AddForm(), error=ClipError("batch_too_large", **found))
    return _take(request)


@csrf_protect
def _take(request: PersonRequest) -> HttpResponseBase:
    if request.method != "POST":
        return _page(request, AddForm())
    archive = request.FILES.get("archive")
    manifest = request.FILES.get("manifest")
    form = AddForm() if archive else AddForm(request.POST)
    try:
        if archive:
            confirmed = "confirm" in request.POST
            kept = keep_archive(actor=request.user, file=archive, confirmed=confirmed)
            return redirect("training:archive", kept.pk)
        files = request.FILES.getlist("files")
        if not files:
            raise ClipError("no_file")
        if manifest:
            described = add_described(
                actor=request.user,
                files=files,
                manifest=manifest,
                origin=Origin.UPLOAD,
                confirmed="confirm" in request.POST,
            )
            return _page(request, AddForm(), outcomes=described)
        if not form.is_valid():
            return _page(request, form, status=422)
        return _page(request, form, outcomes=_add(request, form.cleaned_data, files))
    except ClipError as error:
        return _page(request, form, error=error)


def _add(
    request: PersonRequest, said: dict[str, Any], files: "Sequence[File[bytes]]"
) -> list[Outcome]:
    confirmed = said.pop("confirm")
    about = About(**said)
    return add_samples(
        actor=request.user,
        entries=[Entry(file, file.name or "", about) for file in files],
        origin=Origin.UPLOAD,
        confirmed=confirmed,
    )


def _page(
    request: PersonRequest,
    form: AddForm,
    *,
    outcomes: list[Outcome] | None = None,
    error: ClipError | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "outcomes": outcomes,
        "added": sum(outcome.is_new for outcome in outcomes or ()),
        "max_files": settings.MAX_BATCH_FILES,
        "max_entries": MOST_FILES,
        "archives": archives()[:SHOWN_ARCHIVES],
        "max_size": f"{settings.MAX_UPLOAD_BYTES // 1024**2} MB",
    }
    if error:
        problem = PROBLEMS[error.code]
        status = problem.status
        context["refused"] = {
            "title": problem.title,
            "text": problem_text(error.code, error.params),
        }
    template = "training/_added.html" if request.htmx else "training/add.html"
    return render(request, template, context, status=status)
