"""Pages of archives: how far one is, and what became of each file in it."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from accounts.decorators import PersonRequest, scope_required
from accounts.models import Scope
from detector.messages import problem_text
from training.models import Archive
from training.selectors.archives import archived_files, find_archive

PAGE_SIZE = 100
RELOAD_SECONDS = 3
"""Of a page whose browser runs no scripts."""


@require_GET
@gzip_page
@scope_required(Scope.LABEL)
def archive(request: PersonRequest, archive_id: UUID) -> HttpResponse:
    """How far an archive is, and its files, those that were refused first."""
    return render(request, "training/archive.html", _context(request, archive_id))


@require_GET
@scope_required(Scope.LABEL)
def archive_live(request: PersonRequest, archive_id: UUID) -> HttpResponse:
    """The part of the page that changes."""
    return render(request, "training/_archive.html", _context(request, archive_id))


def _context(request: PersonRequest, archive_id: UUID) -> dict[str, Any]:
    found: Archive | None = find_archive(archive_id)
    if found is None:
        raise Http404
    files = archived_files(found).order_by("-error_code", "place")
    return {
        "archive": found,
        "page": Paginator(files, PAGE_SIZE).get_page(request.GET.get("page")),
        "problem": problem_text(found.error_code, found.error_params) if found.error_code else "",
        "reload_seconds": RELOAD_SECONDS,
    }
