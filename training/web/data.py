"""Pages of the samples: what there is, the list, and one sample."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts.decorators import PersonRequest, scope_required
from accounts.models import Scope
from detector.engine.errors import ClipError
from detector.messages import problem_text
from detector.web.playback import plays_in_browsers, serve_audio
from training.models import Sample
from training.selectors.samples import (
    find_sample,
    page_of,
    same_recording,
    sample_counts,
    samples,
    waiting_count,
)
from training.services.extraction import try_again
from training.services.review import review_samples
from training.services.samples import describe_sample, give_opinion
from training.web.sample_forms import BulkForm, DecisionForm, DescribeForm, SampleSearch

PAGE_SIZE = 50
MOST_ALIKE = 20


@require_GET
@gzip_page
@scope_required(Scope.LABEL)
def data(request: PersonRequest) -> HttpResponse:
    """What there is to learn from, and what waits."""
    return render(
        request,
        "training/data.html",
        {"counts": sample_counts(), "waiting": waiting_count()},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@gzip_page
@scope_required(Scope.LABEL)
def sample_list(request: PersonRequest) -> HttpResponseBase:
    """The samples, newest first; a decision about those ticked."""
    query = request.GET.copy()
    after = find_by_text(query.pop("after", [""])[-1])
    search = SampleSearch(query, queryset=samples())
    rows, last = page_of(search.qs, after=after, size=PAGE_SIZE)
    ids = [str(row.pk) for row in rows]
    form = BulkForm(request.POST or None, ids=request.POST.getlist("samples") or ids)
    if request.method == "POST":
        _decide_many(request, form)
        return redirect(request.get_full_path())
    context = {
        "search": search,
        "is_narrowed": any(query.values()),
        "samples": rows,
        "last": last,
        "is_first": after is None,
        "form": form,
    }
    return render(request, "training/samples.html", context)


def _decide_many(request: PersonRequest, form: BulkForm) -> None:
    if not form.is_valid():
        messages.error(request, _("Tick at least one sample."))
        return
    decision, _colon, label = form.cleaned_data["decision"].partition(":")
    try:
        ids = [UUID(text) for text in form.cleaned_data["samples"]]
        count = review_samples(ids=ids, actor=request.user, decision=decision, label=label)
    except ClipError as error:
        messages.error(request, problem_text(error.code, error.params))
    except ValueError:
        messages.error(request, _("Tick at least one sample."))
    else:
        messages.success(
            request,
            ngettext("%(count)d sample was changed.", "%(count)d samples were changed.", count)
            % {"count": count},
        )


@require_GET
@gzip_page
@scope_required(Scope.LABEL)
def sample(request: PersonRequest, sample_id: UUID) -> HttpResponse:
    """One sample: its audio, what is known of it, what people and the champion say."""
    found = _found(sample_id)
    return render(request, "training/sample.html", describe(found))


def describe(found: Sample) -> dict[str, Any]:
    """Return what pages show of a sample."""
    about = ("source", "speaker", "generator", "language")
    return {
        "sample": found,
        "opinions": found.opinions.select_related("person"),
        "alike": same_recording(found)[:MOST_ALIKE],
        "plays": plays_in_browsers(found),
        "form": DecisionForm(initial={"label": found.label}),
        "about_form": DescribeForm(initial={name: getattr(found, name) for name in about}),
    }


@require_POST
@scope_required(Scope.LABEL)
def decide(request: PersonRequest, sample_id: UUID) -> HttpResponse:
    """A decision about one sample, or an opinion that decides nothing; then back."""
    found = _found(sample_id)
    queue = request.POST.get("from") == "review"
    form = DecisionForm(request.POST)
    if request.POST.get("decision") == "opinion" and form.data.get("label"):
        form.fields["decision"].required = False
        form.fields["decision"].choices = [("opinion", "")]  # type: ignore[attr-defined]
    if not form.is_valid():
        messages.error(request, _("Say what it is: human or synthetic."))
    elif form.cleaned_data["decision"] == "opinion":
        kept = {name: form.cleaned_data[name] for name in ("label", "note")}
        give_opinion(sample=found, person=request.user, **kept)
        messages.success(request, _("Your opinion is kept."))
    else:
        review_samples(ids=[found.pk], actor=request.user, **form.cleaned_data)
        if not queue:
            messages.success(request, _("The sample was changed."))
        if form.cleaned_data["decision"] == "delete" and not queue:
            return redirect("training:samples")
    if queue:
        response = redirect("training:review")
        # The urgency at which it was shown: by now it may be another.
        place = {"after": found.pk, "urgency": request.POST.get("urgency", "")}
        response["Location"] += f"?{urlencode(place)}"
        return response
    return redirect("training:sample", found.pk)


@require_POST
@scope_required(Scope.LABEL)
def change(request: PersonRequest, sample_id: UUID) -> HttpResponse:
    """What is known of a sample; or another try at its audio."""
    found = _found(sample_id)
    if "again" in request.POST:
        try_again(found)
        return redirect("training:sample", found.pk)
    form = DescribeForm(request.POST)
    try:
        if form.is_valid():
            describe_sample(sample=found, actor=request.user, **form.cleaned_data)
            messages.success(request, _("Kept."))
        else:
            messages.error(request, _("One of the values is too long."))
    except ClipError as error:
        messages.error(request, problem_text(error.code, error.params))
    return redirect("training:sample", found.pk)


@require_safe
@scope_required(Scope.LABEL)
def sample_audio(request: HttpRequest, sample_id: UUID) -> HttpResponseBase:
    """A sample's audio."""
    return serve_audio(request, _found(sample_id))


def find_by_text(text: str) -> Sample | None:
    """Return the sample whose id an address names, also a deleted one; None for anything else."""
    try:
        return Sample.objects.filter(pk=UUID(text)).first()
    except ValueError:
        return None


def _found(sample_id: UUID) -> Sample:
    found = find_sample(sample_id)
    if found is None:
        raise Http404
    return found
