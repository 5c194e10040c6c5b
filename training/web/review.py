"""The review queue: one sample at a time, the most doubtful first."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from accounts.decorators import PersonRequest, scope_required
from accounts.models import Scope
from training.selectors.samples import next_for_review, waiting_count
from training.web.data import describe, find_by_text

URGENCIES = ("0", "1", "2")


@require_GET
@gzip_page
@scope_required(Scope.LABEL)
def review(request: PersonRequest) -> HttpResponse:
    """The sample to listen to next."""
    after, urgency = find_by_text(request.GET.get("after", "")), request.GET.get("urgency", "")
    found = next_for_review(after, int(urgency) if urgency in URGENCIES else None)
    context = {"waiting": waiting_count(), "is_end": after is not None and found is None}
    if found:
        context |= describe(found)
    return render(request, "training/review.html", context)
