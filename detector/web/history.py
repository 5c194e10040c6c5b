"""The history: narrowed down, sorted, a page at a time; batches; filters that are kept."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_POST

from accounts.decorators import PersonRequest, person_required
from accounts.models import Scope
from detector import services
from detector.models import SavedFilter
from detector.selectors import EVIDENCE, batch_counts, batches_of, predictions_of
from detector.web.forms import HistoryFilter
from detector.web.lists import page_of
from detector.web.live import fingerprint

PAGE_SIZE = 25
SORTS = {
    "newest": (gettext_lazy("Newest first"), ("-created_at", "-id")),
    "oldest": (gettext_lazy("Oldest first"), ("created_at", "id")),
    "most": (gettext_lazy("Most likely synthetic first"), ("-probability", "-id")),
    "least": (gettext_lazy("Least likely synthetic first"), ("probability", "id")),
}
NOT_FILTERS = ("cursor", "shown", "sort")
FILTERS_A_PERSON = 30


@require_GET
@gzip_page
@person_required
def history(request: PersonRequest) -> HttpResponse:
    """Everything that was judged, narrowed down by the filters in the address."""
    context = _history(request)
    template = "detector/_history.html" if request.htmx else "detector/history.html"
    shown = request.GET.get("shown")
    if request.htmx and context["fingerprint"] and context["fingerprint"] == shown:
        return HttpResponse(status=204)
    response = render(request, template, context)
    response["Vary"] = "HX-Request, Cookie"
    return response


def _history(request: PersonRequest) -> dict[str, Any]:
    query = request.GET.copy()
    for name in NOT_FILTERS:
        query.pop(name, None)
    sort = request.GET.get("sort", "")
    sort = sort if sort in SORTS else "newest"
    narrowed = HistoryFilter(query, queryset=predictions_of(request.user).defer(*LEFT_OUT))
    rows = narrowed.qs
    if "probability" in SORTS[sort][1][0]:
        rows = rows.filter(probability__isnull=False)
    page = page_of(rows, request, SORTS[sort][1], PAGE_SIZE)
    kept = _filters_in(request.GET)
    return {
        "filter": narrowed,
        "is_narrowed": any(query.values()),
        "sort": sort,
        "sorts": [(name, words) for name, (words, _ordering) in SORTS.items()],
        "page": page,
        "predictions": page.rows,
        "fingerprint": fingerprint(page.rows),
        "filters": request.user.saved_filters.all(),
        "query": kept,
        "may_label": request.user.may(Scope.LABEL),
    }


LEFT_OUT = tuple(name for name in EVIDENCE if name != "clip__facts")
"""A row shows how long the clip is, which is among its facts."""


def _filters_in(query: QueryDict) -> str:
    """Return what of an address narrows down or sorts, without what is empty."""
    return urlencode(
        [(key, value) for key, value in query.items() if value and key not in ("cursor", "shown")]
    )


@require_GET
@gzip_page
@person_required
def batches(request: PersonRequest) -> HttpResponse:
    """What was sent together, the newest first."""
    page = page_of(batches_of(request.user), request, ("-created_at", "-id"), PAGE_SIZE)
    counts = batch_counts(page.rows)
    rows = [(batch, counts.get(batch.pk, {})) for batch in page.rows]
    return render(request, "detector/batches.html", {"page": page, "rows": rows})


@require_POST
@person_required
def save_filter(request: PersonRequest) -> HttpResponse:
    """Keep the filters of an address under a name; a name that is there gets the new ones."""
    query = _filters_in(QueryDict(request.POST.get("query", "")))
    back = f"{reverse('history')}?{query}"
    name = request.POST.get("name", "").strip()
    if not name or not query or len(name) > 60 or len(query) > 1000:
        messages.error(request, _("A kept filter needs a name, and something to filter by."))
        return redirect(back)
    if request.user.saved_filters.exclude(name=name).count() >= FILTERS_A_PERSON:
        messages.error(request, _("There are many kept filters: remove one first."))
        return redirect(back)
    services.save_filter(owner=request.user, name=name, query=query)
    messages.success(request, _("The filter “%(name)s” is kept.") % {"name": name})
    return redirect(back)


@require_POST
@person_required
def drop_filter(request: PersonRequest, filter_id: int) -> HttpResponse:
    """Forget a kept filter."""
    found = get_object_or_404(SavedFilter, pk=filter_id, owner=request.user)
    services.drop_filter(saved=found)
    messages.success(request, _("The filter is removed."))
    return redirect("history")
