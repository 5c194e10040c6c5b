"""'This verdict was wrong': a judged clip becomes a sample for review."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.decorators import PersonRequest, scope_required
from accounts.models import Scope
from detector.engine.errors import ClipError
from detector.messages import problem_text
from detector.selectors import prediction_of
from training.services.samples import report_wrong_verdict
from training.web.sample_forms import FeedbackForm


@require_http_methods(["GET", "HEAD", "POST"])
@scope_required(Scope.PREDICT)
def feedback(request: PersonRequest, prediction_id: UUID) -> HttpResponseBase:
    """Ask what a clip of one's own really is, and keep it for somebody to review."""
    prediction = prediction_of(request.user, prediction_id)
    if prediction is None or not prediction.verdict:
        raise Http404
    form = FeedbackForm(request.POST or None, verdict=prediction.verdict)
    if request.method == "POST" and form.is_valid():
        try:
            report_wrong_verdict(prediction=prediction, actor=request.user, **form.cleaned_data)
        except ClipError as error:
            messages.error(request, problem_text(error.code, error.params))
        else:
            messages.success(
                request, _("Thank you. The clip waits for somebody to confirm what it is.")
            )
        return redirect("prediction", prediction.pk)
    template = "training/_feedback.html" if request.htmx else "training/feedback.html"
    return render(request, template, {"prediction": prediction, "form": form})
