"""The monitor: what comes in beside what the champion was judged on, the challenger, re-judging."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_POST

from accounts.decorators import scope_required
from accounts.models import Scope, User
from training.models import AliasName, Rejudging, RejudgingState
from training.selectors import version_for
from training.selectors.drift import drift
from training.selectors.versions import live_agreement
from training.services.opinions import cancel_rejudging, start_rejudging
from training.web import pictures
from training.web.forms import RejudgeForm

SHOWN_REJUDGINGS = 20


@require_GET
@gzip_page
@scope_required(Scope.LABEL)
def monitor(request: HttpRequest) -> HttpResponse:
    """Recent predictions beside held-out clips, the challenger's agreement, re-judgings."""
    found = drift()
    challenger, champion = version_for(AliasName.CHALLENGER), version_for(AliasName.CHAMPION)
    rejudgings = Rejudging.objects.select_related("version", "requested_by").defer(
        "version__manifest"
    )[:SHOWN_REJUDGINGS]
    context = {
        "drift": found,
        "plots": pictures.drift_plots(found) if found else [],
        "champion": champion,
        "challenger": challenger,
        "agreement": live_agreement(challenger, champion) if challenger else None,
        "rejudgings": rejudgings,
        "is_running": any(row.state == RejudgingState.RUNNING for row in rejudgings),
        "form": RejudgeForm(),
    }
    return render(request, "training/monitor.html", context)


@require_POST
@scope_required(Scope.TRAIN)
def rejudge(request: HttpRequest) -> HttpResponse:
    """Start a re-judging."""
    form = RejudgeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a version and, if you like, a date and a verdict."))
        return redirect("training:monitor")
    assert isinstance(request.user, User)
    started = start_rejudging(
        version=form.cleaned_data["version"],
        actor=request.user,
        since=form.cleaned_data["since"],
        verdict=form.cleaned_data["verdict"],
    )
    text = _("%(name)s looks at %(count)d clips again.")
    messages.success(request, text % {"name": started.version.name, "count": started.total})
    return redirect("training:monitor")


@require_POST
@scope_required(Scope.TRAIN)
def cancel(request: HttpRequest, rejudging_id: UUID) -> HttpResponse:
    """End a re-judging; what was said stays."""
    assert isinstance(request.user, User)
    rejudging = get_object_or_404(Rejudging, pk=rejudging_id)
    if cancel_rejudging(rejudging=rejudging, actor=request.user):
        messages.success(request, _("It is cancelled. What was said so far is kept."))
    return redirect("training:monitor")
