"""What is done with several clips of the history at once."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.decorators import PersonRequest, person_required
from accounts.models import Scope
from detector import services
from detector.engine.errors import ClipError
from detector.export import export_response
from detector.messages import problem_text
from detector.models import Prediction
from detector.selectors import predictions_of
from training.models import AliasName
from training.services.samples import add_judged_clip

MOST = 200
LABELS = {"train-real": "real", "train-fake": "fake"}


@require_POST
@person_required
def act(request: PersonRequest) -> HttpResponseBase:
    """Delete the selected clips (after asking), judge them again, export them, or train on them."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        back = reverse("history")
    chosen = _chosen(request)
    action = request.POST.get("action", "")
    if not chosen:
        messages.error(request, _("Select clips of yours first."))
    elif action == "delete" and "sure" not in request.POST:
        context = {"predictions": chosen, "next": back}
        return render(request, "detector/delete_selected.html", context)
    elif action == "delete":
        for prediction in chosen:
            services.delete_clip(clip=prediction.clip, actor=request.user)
        text = ngettext("%d clip is deleted.", "%d clips are deleted.", len(chosen))
        messages.success(request, text % len(chosen))
    elif action == "export":
        rows = predictions_of(request.user).filter(pk__in=[row.pk for row in chosen])
        return export_response(rows, kind="csv", actor=request.user)
    elif action == "rejudge":
        _judge_again(request, chosen)
    elif action in LABELS and request.user.may(Scope.LABEL):
        _add_to_training(request, chosen, LABELS[action])
    else:
        messages.error(request, _("Choose what to do with them."))
    return redirect(back)


def _chosen(request: PersonRequest) -> list[Prediction]:
    """Return the selected predictions on the person's own clips, one a clip."""
    ids = []
    for text in request.POST.getlist("id")[:MOST]:
        try:
            ids.append(UUID(text))
        except ValueError:
            continue
    rows = predictions_of(request.user).filter(pk__in=ids, owner=request.user)
    return list({row.clip_id: row for row in rows}.values())


def _for_each(
    request: PersonRequest, chosen: list[Prediction], do: Callable[[Prediction], object]
) -> int:
    """Do it with every clip, tell of those with which it cannot be done, and count the others."""
    done = 0
    for row in chosen:
        try:
            do(row)
            done += 1
        except ClipError as error:
            text = f"{row.clip.name}: {problem_text(error.code, error.params)}"
            messages.error(request, text)
    return done


def _judge_again(request: PersonRequest, chosen: list[Prediction]) -> None:
    again = partial(services.rejudge, model=AliasName.CHAMPION, actor=request.user)
    done = _for_each(request, chosen, lambda row: again(prediction=row))
    text = ngettext("%d clip is judged again.", "%d clips are judged again.", done)
    messages.success(request, text % done)


def _add_to_training(request: PersonRequest, chosen: list[Prediction], label: str) -> None:
    add = partial(add_judged_clip, actor=request.user, label=label)
    done = _for_each(request, chosen, lambda row: add(prediction=row))
    text = ngettext("%d clip waits for review.", "%d clips wait for review.", done)
    messages.success(request, text % done)
