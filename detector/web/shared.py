"""A result as somebody sees it who was sent a link to it: to look at and listen to, no more."""

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_safe

from accounts.decorators import PersonRequest, person_required
from detector import services
from detector.models import Prediction, ShareLink
from detector.selectors import shared_prediction
from detector.web.playback import serve_audio, serve_spectrogram
from detector.web.result import result


@require_GET
@gzip_page
@person_required
def shared(request: PersonRequest, token: str) -> HttpResponse:
    """The result behind a link."""
    link, prediction = _behind(request, token)
    services.note_share_opened(link=link, actor=request.user)
    context = {
        **result(prediction),
        "link": link,
        "audio_url": reverse("shared-audio", args=[token]),
        "spectrogram_url": reverse("shared-spectrogram", args=[token]),
    }
    return render(request, "detector/shared.html", context)


@require_safe
@person_required
def audio(request: PersonRequest, token: str) -> HttpResponseBase:
    """The sound behind a link."""
    _, prediction = _behind(request, token)
    return serve_audio(request, prediction.clip)


@require_safe
@person_required
def spectrogram(request: PersonRequest, token: str) -> HttpResponse:
    """What that sound looks like."""
    _, prediction = _behind(request, token)
    return serve_spectrogram(prediction.clip)


def _behind(request: PersonRequest, token: str) -> tuple[ShareLink, Prediction]:
    found = shared_prediction(request.user, token)
    if found is None:
        raise Http404
    return found
