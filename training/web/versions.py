"""Pages that show model versions: the list, one version, two beside each other."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from accounts.decorators import scope_required
from accounts.models import Scope, User
from training.learning.card import card_text, ordered
from training.models import AliasName, ModelVersion
from training.selectors import version_for
from training.selectors.gates import gate_report
from training.selectors.versions import (
    compare_held_out,
    live_agreement,
    own_disagreements,
    version_of,
    versions,
)
from training.web import pictures
from training.web.forms import CompareForm, ImportForm

PAGE_SIZE = 25
TREND_VERSIONS = 40
SHOWN_CLIPS = 25


@require_GET
@gzip_page
@scope_required(Scope.LABEL)
def models(request: HttpRequest) -> HttpResponse:
    """All versions, the newest first, and their figures over time."""
    found = versions()
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    champion, challenger = version_for(AliasName.CHAMPION), version_for(AliasName.CHALLENGER)
    context = {
        "page": page,
        "champion": champion,
        "previous": version_for(AliasName.PREVIOUS),
        "challenger": challenger,
        "trends": pictures.trends(list(found[:TREND_VERSIONS])),
        "import_form": ImportForm(),
        "compare_form": CompareForm(initial={"first": champion, "second": challenger}),
    }
    return render(request, "training/models.html", context)


@require_GET
@gzip_page
@scope_required(Scope.READ)
def version(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """One version: its card, figures and plots. Who may read a verdict may see who gave it."""
    found = find_or_404(version_id)
    champion = version_for(AliasName.CHAMPION)
    manifest = found.manifest
    context: dict[str, Any] = {
        "version": found,
        "aliases": {alias.name: alias.get_name_display() for alias in found.aliases.all()},
        "card": ordered(manifest.get("card", {})),
        "figures": pictures.figures(manifest.get("metrics", {})),
        "clips": manifest.get("metrics", {}).get("clips"),
        "plots": pictures.pictures(found),
        "slices": pictures.slices(manifest.get("metrics", {})),
        "champion": champion,
        "gate": gate_report(found, champion) if champion else None,
        "agreement": live_agreement(found),
    }
    return render(request, "training/version.html", context)


@require_GET
@scope_required(Scope.READ)
def card(request: HttpRequest, version_id: UUID, form: str) -> HttpResponse:
    """The version's card to keep: Markdown, or the manifest as JSON."""
    found = find_or_404(version_id)
    response: HttpResponse
    if form == "json":
        response = JsonResponse(found.manifest, json_dumps_params={"indent": 1})
    else:
        response = HttpResponse(card_text(found.manifest), "text/markdown; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.name}.{form}"'
    return response


@require_GET
@gzip_page
@scope_required(Scope.LABEL)
def compare(request: HttpRequest) -> HttpResponse:
    """Two versions beside each other, and the clips on which they disagree."""
    assert isinstance(request.user, User)
    champion, challenger = version_for(AliasName.CHAMPION), version_for(AliasName.CHALLENGER)
    form = CompareForm(request.GET or None, initial={"first": champion, "second": challenger})
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        first, second = (find_or_404(form.cleaned_data[name].pk) for name in ("first", "second"))
        rows = zip(
            pictures.figures(first.manifest.get("metrics", {})),
            pictures.figures(second.manifest.get("metrics", {})),
            strict=False,
        )
        context |= {
            "first": first,
            "second": second,
            "rows": [(one, two) for one, two in rows if one.name == two.name],
            "plots": pictures.curves([first, second]),
            "held_out": compare_held_out(first, second),
            "live": live_agreement(second, first),
            "own": own_disagreements(request.user, second, first)[:SHOWN_CLIPS],
            "gate": gate_report(second, first),
        }
    return render(request, "training/compare.html", context)


def find_or_404(version_id: UUID) -> ModelVersion:
    """Return a version, or answer that there is none."""
    found = version_of(version_id)
    if found is None:
        raise Http404
    return found
