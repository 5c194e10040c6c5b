"""The website, asked as a browser would ask it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User


@pytest.fixture(autouse=True)
def _static_files_by_their_own_names(settings: Any) -> None:
    """Pages are made without `collectstatic`, which the tests of the whole stack run."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture
def browser(owner: User, client_of: Callable[[User], Client]) -> Client:
    """The owner's browser."""
    return client_of(owner)


@pytest.fixture
def recording() -> Callable[..., SimpleUploadedFile]:
    """Return a function that gives a shipped clip as an upload."""
    content = (django_settings.FIXTURE_CLIPS / "real-librivox.mp3").read_bytes()
    return lambda name="voice.mp3": SimpleUploadedFile(name, content)
