"""Pages that change which version judges, and that bring versions in and out."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.decorators import scope_required
from accounts.models import Scope, User
from detector.messages import problem_text
from training.models import AliasName
from training.selectors import version_for
from training.selectors.gates import gate_report
from training.services import BundleError
from training.services.exchange import export_version, import_version
from training.services.promotion import (
    PromotionError,
    promote_by_gate,
    roll_back,
    set_challenger,
)
from training.web.forms import ImportForm, ReasonForm
from training.web.versions import find_or_404


@require_http_methods(["GET", "POST"])
@scope_required(Scope.TRAIN)
def promote(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Show what the gate says, and promote: with a written reason where it did not pass."""
    version, champion = find_or_404(version_id), version_for(AliasName.CHAMPION)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if _moved(
            request, lambda: promote_by_gate(version=version, actor=_actor(request), reason=reason)
        ):
            messages.success(request, _("%(name)s judges from now on.") % {"name": version.name})
            return redirect("training:version", version.pk)
    context = {
        "version": version,
        "champion": champion,
        "gate": gate_report(version, champion) if champion else None,
        "form": form,
    }
    return render(request, "training/promote.html", context)


@require_http_methods(["GET", "POST"])
@scope_required(Scope.TRAIN)
def go_back(request: HttpRequest) -> HttpResponse:
    """Ask why, then make the former champion champion again."""
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if _moved(request, lambda: roll_back(actor=_actor(request), reason=reason)):
            messages.success(request, _("The former champion judges again."))
            return redirect("training:models")
    context = {
        "champion": version_for(AliasName.CHAMPION),
        "previous": version_for(AliasName.PREVIOUS),
        "form": form,
    }
    return render(request, "training/roll_back.html", context)


@require_POST
@scope_required(Scope.TRAIN)
def challenge(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Let a version score in the champion's shadow, or no longer."""
    version = find_or_404(version_id)
    chosen = None if version == version_for(AliasName.CHALLENGER) else version
    if _moved(request, lambda: set_challenger(version=chosen, actor=_actor(request))):
        text = (
            _("%(name)s gives a second opinion on every clip from now on.")
            if chosen
            else _("%(name)s is no longer the challenger.")
        )
        messages.success(request, text % {"name": version.name})
    return redirect("training:version", version.pk)


@require_POST
@scope_required(Scope.TRAIN)
def export(request: HttpRequest, version_id: UUID) -> HttpResponseBase:
    """Send the version as one file."""
    version = find_or_404(version_id)
    try:
        file = export_version(version=version, actor=_actor(request))
    except BundleError as error:
        messages.error(request, str(error))
        return redirect("training:version", version.pk)
    return FileResponse(file, as_attachment=True, filename=f"{version.name}.zip")


@require_POST
@scope_required(Scope.TRAIN)
def bring_in(request: HttpRequest) -> HttpResponse:
    """Check a version's file and register what is in it."""
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, _("Choose the file of an exported version."))
        return redirect("training:models")
    try:
        version = import_version(file=form.cleaned_data["file"], actor=_actor(request))
    except BundleError as error:
        messages.error(request, problem_text("bundle_refused", {"why": str(error)}))
        return redirect("training:models")
    messages.success(request, _("%(name)s is registered.") % {"name": version.name})
    return redirect("training:version", version.pk)


def _actor(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _moved(request: HttpRequest, move: Callable[[], object]) -> bool:
    """Do it, or say in words why not."""
    try:
        move()
    except PromotionError as error:
        messages.error(request, problem_text(error.code, error.params))
        return False
    return True
