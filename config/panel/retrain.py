"""The panel's page from which training is started, and where its progress is seen."""

from typing import Any, cast

from constance import config
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from accounts.models import User
from detector.messages import problem_text
from training.selectors.runs import runs
from training.selectors.samples import trainable_counts
from training.services.runs import RunRefusedError, start_run
from training.web.forms import RunForm

SHOWN_RUNS = 10


class RetrainForm(RunForm):
    """The form of the website in the panel's clothes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("model_type", "search_size", "promote_policy"):
            field = self.fields[name]
            field.widget = UnfoldAdminSelectWidget(
                choices=field.choices  # type: ignore[attr-defined]  # a field of choices
            )
        for name in ("target_fpr", "seed"):
            self.fields[name].widget = UnfoldAdminTextInputWidget()
        self.fields["include_original_data"].widget = UnfoldBooleanSwitchWidget()


def retrain(request: HttpRequest) -> HttpResponse:
    """Ask for a run's parameters and start it; show the latest runs."""
    form = RetrainForm(request.POST or None, initial={"target_fpr": 100 * config.TARGET_FPR})
    if request.method == "POST" and form.is_valid():
        try:
            run = start_run(actor=cast(User, request.user), **form.cleaned_data)
        except RunRefusedError as error:
            form.add_error(None, problem_text(error.code, error.params))
        else:
            messages.success(request, _("%(name)s is queued.") % {"name": run.name})
            return redirect("admin:retrain")
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Retrain"),
        "form": form,
        "runs": runs()[:SHOWN_RUNS],
        "trainable": trainable_counts(),
    }
    return TemplateResponse(request, "admin/retrain.html", context)
