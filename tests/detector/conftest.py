"""Uploads and predictions for the tests of the state machine."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from detector import services
from detector.models import Prediction
from detector.upkeep import queue_length


@pytest.fixture
def submit(clip_file):
    """Return a function that submits a shipped clip, or the given content, for a person."""

    def send(owner, content=None, name="interview.wav", **options):
        content = clip_file("real-prompt.wav").read_bytes() if content is None else content
        return services.submit_clip(
            owner=owner, file=ContentFile(content, name=name), name=name, **options
        )

    return send


@pytest.fixture
def messages(redis_server):
    """Return a function that counts the messages that wait for predict workers."""
    return lambda: queue_length("predict")


@pytest.fixture
def lose_worker():
    """Return a function that lets a running prediction's lease end, as when its worker died."""

    def expire(prediction):
        past = timezone.now() - timedelta(seconds=1)
        Prediction.objects.filter(pk=prediction.pk).update(lease_expires_at=past)

    return expire
