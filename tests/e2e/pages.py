"""Every page of the website with something to show, found by its route."""

from collections.abc import Callable
from typing import Any

from django.core.files.base import ContentFile
from django.urls import reverse

from accounts.models import User
from detector.models import Batch, Prediction
from detector.selectors import share_token
from detector.services import share
from tests.factories import ClipPictureFactory, PredictionFactory, facts
from tests.routes import Route, page_routes

NOT_PAGES = {
    "recent",
    "prediction-live",
    "prediction-report",
    "clip-audio",
    "clip-spectrogram",
    "shared-audio",
    "shared-spectrogram",
}
"""Answers that are no whole page, though they have an address and a GET."""
ELSEWHERE = ("account_", "mfa_", "usersessions_", "training:", "invitation")
"""Pages with tests of their own, whose addresses need what only those tests make."""

SEGMENTS = [
    {"start": 0.0, "end": 3.0, "kind": "speech", "score": 2.6, "probability": 0.93},
    {"start": 3.0, "end": 6.0, "kind": "speech", "score": 0.0, "probability": 0.5},
    {"start": 6.0, "end": 9.0, "kind": "speech", "score": -2.0, "probability": 0.12},
    {"start": 7.295, "end": 10.295, "kind": "silence", "score": None, "probability": None},
]
"""Of `fake-flite.wav`, which lasts 10.295 s."""


def judged(owner: User, audio: bytes, **about: Any) -> Prediction:
    """A prediction with everything that its page can show; the sound is real."""
    prediction = PredictionFactory(
        clip__owner=owner,
        clip__facts=facts(duration=10.295),
        clip__audio=ContentFile(audio, name="clip.wav"),
        clip__size=len(audio),
        done=True,
        segments=SEGMENTS,
        **about,
    )
    ClipPictureFactory(clip=prediction.clip)
    return prediction


def addresses(owner: User, audio: bytes) -> dict[str, str]:
    """Return the address of every page that answers GET, by the name of its route."""
    prediction = judged(owner, audio)
    PredictionFactory(clip=prediction.clip, done=True, verdict="REAL", probability=0.1)
    waiting = PredictionFactory(clip__owner=owner)
    failed = PredictionFactory(clip__owner=owner, failed=True)
    batch = Batch.objects.create(
        owner=owner,
        files=[
            {"filename": "a.wav", "prediction": str(prediction.pk)},
            {"filename": "b.txt", "error": {"code": "unsupported_format", "params": {}}},
        ],
    )
    Prediction.objects.filter(pk=prediction.pk).update(batch=batch)
    known: dict[str, Callable[[], Any]] = {
        "clip_id": lambda: prediction.clip_id,
        "prediction_id": lambda: prediction.pk,
        "batch_id": lambda: batch.pk,
        "token": lambda: share_token(share(prediction=prediction, actor=owner, days=1)),
        "user_id": lambda: owner.pk,
    }
    found = {
        "waiting": f"/predictions/{waiting.pk}/",
        "failed": f"/predictions/{failed.pk}/",
        "not found": "/nowhere/",
    }
    for route in page_routes():
        if route.name in NOT_PAGES or route.name.startswith(ELSEWHERE):
            continue
        if not answers_get(route) or not known.keys() >= {*route.parameters}:
            continue
        kwargs = {name: known[name]() for name in route.parameters}
        found[route.name] = reverse(route.name, kwargs=kwargs)
    return found


def answers_get(route: Route) -> bool:
    """Whether a route's view answers GET, by its own decorator."""
    callback: Any = route.pattern.callback
    while callback is not None:
        for cell in getattr(callback, "__closure__", None) or ():
            methods = cell.cell_contents
            if isinstance(methods, list) and methods and all(isinstance(m, str) for m in methods):
                return "GET" in methods
        callback = getattr(callback, "__wrapped__", None)
    return True
