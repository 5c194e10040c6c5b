"""What can be done with a result: judge it again, share it."""

from datetime import timedelta
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.decorators import PersonRequest, person_required
from accounts.models import Scope
from detector import services
from detector.engine.errors import ClipError
from detector.messages import PROBLEMS, problem_text
from detector.selectors import share_links_of, share_token
from detector.web.result import seen_by
from training.selectors import version_for, versions_by_name

LONGEST_SHARE = timedelta(days=90)


class RejudgeForm(forms.Form):
    """Which version shall judge."""

    version = forms.ChoiceField(label=gettext_lazy("Model version"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # the form's own arguments
        champion = version_for()
        self.fields["version"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            (
                version.name,
                _("%(name)s, in use") % {"name": version.name}
                if version == champion
                else version.name,
            )
            for version in versions_by_name()
        ]
        if champion:
            self.fields["version"].initial = champion.name


class ShareForm(forms.Form):
    """How long a link leads somewhere."""

    days = forms.TypedChoiceField(
        label=gettext_lazy("The link ends after"),
        coerce=int,
        initial=7,
        choices=[
            (1, gettext_lazy("1 day")),
            (7, gettext_lazy("7 days")),
            (30, gettext_lazy("30 days")),
            (LONGEST_SHARE.days, gettext_lazy("90 days")),
        ],
    )


@require_http_methods(["GET", "POST"])
@person_required
def rejudge(request: PersonRequest, prediction_id: UUID) -> HttpResponseBase:
    """Ask for a version, then judge the clip again with it; the earlier verdict stays."""
    prediction = seen_by(request.user, prediction_id)
    form = RejudgeForm(request.POST or None)
    if request.method == "POST" and request.user.may(Scope.PREDICT) and form.is_valid():
        try:
            again = services.rejudge(
                prediction=prediction, model=form.cleaned_data["version"], actor=request.user
            )
        except ClipError as error:
            messages.error(request, problem_text(error.code, error.params))
            return redirect("prediction", prediction.pk)
        return redirect("prediction", again.pk)
    template = "detector/_rejudge.html" if request.htmx else "detector/rejudge.html"
    erased = None if prediction.clip.audio else PROBLEMS["audio_missing"]
    return render(request, template, {"prediction": prediction, "form": form, "erased": erased})


@require_http_methods(["GET", "POST"])
@person_required
def share(request: PersonRequest, prediction_id: UUID) -> HttpResponseBase:
    """Show the links to a result, and make one."""
    prediction = seen_by(request.user, prediction_id)
    form = ShareForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.share(prediction=prediction, actor=request.user, days=form.cleaned_data["days"])
        return redirect("prediction-share", prediction.pk)
    links = [(link, share_token(link)) for link in share_links_of(prediction)]
    context = {"prediction": prediction, "form": form, "links": links}
    template = "detector/_share.html" if request.htmx else "detector/share.html"
    return render(request, template, context)


@require_POST
@person_required
def revoke_share(request: PersonRequest, prediction_id: UUID, link_id: UUID) -> HttpResponse:
    """Take a link back."""
    prediction = seen_by(request.user, prediction_id)
    link = next((link for link in share_links_of(prediction) if link.pk == link_id), None)
    if link is None:
        raise Http404
    services.revoke_share(link=link, actor=request.user)
    messages.success(request, _("The link leads nowhere any more."))
    return redirect("prediction-share", prediction.pk)
