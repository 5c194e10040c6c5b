"""Pages of training runs: start one, watch it, see what came of it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.decorators import PersonRequest, scope_required
from accounts.models import Scope
from detector.messages import problem_text
from training.models import RunState, TrainingRun
from training.selectors.runs import find_run, runs, waiting_before
from training.selectors.samples import trainable_counts
from training.services.runs import RunRefusedError, cancel_run, start_run
from training.steps import STEPS
from training.web.forms import RunForm
from training.web.pictures import figures

PAGE_SIZE = 25
RELOAD_SECONDS = 3
"""Of a page whose browser runs no scripts."""


@require_http_methods(["GET", "POST"])
@scope_required(Scope.LABEL)
def run_list(request: PersonRequest) -> HttpResponse:
    """All runs, the newest first, and the form that starts one for who may train."""
    form = RunForm(request.POST or None)
    if request.method == "POST":
        if not request.user.may(Scope.TRAIN):
            return HttpResponse(status=403)
        if form.is_valid():
            try:
                run = start_run(actor=request.user, **form.cleaned_data)
                return redirect("training:run", run.pk)
            except RunRefusedError as error:
                form.add_error(None, problem_text(error.code, error.params))
    context = {
        "form": form,
        "page": Paginator(runs(), PAGE_SIZE).get_page(request.GET.get("page")),
        "trainable": trainable_counts(),
        "may_train": request.user.may(Scope.TRAIN),
    }
    return render(request, "training/runs.html", context, status=422 if form.errors else 200)


@require_GET
@scope_required(Scope.LABEL)
def run_page(request: PersonRequest, run_id: UUID) -> HttpResponse:
    """One run: how far it is, its log, and once it is done its evaluation and the gate."""
    run = _find_or_404(run_id)
    return render(request, "training/run.html", _context(request, run))


@require_GET
@scope_required(Scope.LABEL)
def run_live(request: PersonRequest, run_id: UUID) -> HttpResponse:
    """The part of the page that changes; at the end the whole page is asked for once more."""
    run = _find_or_404(run_id)
    if not run.is_open:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "training/_run.html", _context(request, run))


@require_POST
@scope_required(Scope.TRAIN)
def cancel(request: PersonRequest, run_id: UUID) -> HttpResponse:
    """End a run early."""
    run = _find_or_404(run_id)
    if cancel_run(run=run, actor=request.user):
        messages.success(request, _("The run is being cancelled."))
    else:
        messages.error(request, problem_text("run_ended", {"state": run.get_state_display()}))
    return redirect("training:run", run.pk)


def _context(request: PersonRequest, run: TrainingRun) -> dict[str, Any]:
    manifest = run.version.manifest if run.version else {}
    protocol = manifest.get("protocol", {})
    return {
        "run": run,
        "steps": _steps(run),
        "before": waiting_before(run) if run.state == RunState.QUEUED else 0,
        "may_train": request.user.may(Scope.TRAIN),
        "problem": problem_text(run.error_code, run.error_params) if run.error_code else "",
        "figures": figures(manifest.get("metrics", {})),
        "clips": manifest.get("metrics", {}).get("clips"),
        "protocol": protocol,
        "tried": protocol.get("search", []),
        "reload_seconds": RELOAD_SECONDS,
    }


def _steps(run: TrainingRun) -> list[dict[str, Any]]:
    names = list(STEPS)
    reached = names.index(run.step) if run.step else -1
    if run.state == RunState.DONE:
        reached = len(names)
    return [
        {"words": STEPS[name][0], "done": place < reached, "now": place == reached}
        for place, name in enumerate(names)
    ]


def _find_or_404(run_id: UUID) -> TrainingRun:
    run = find_run(run_id)
    if run is None:
        raise Http404
    return run
