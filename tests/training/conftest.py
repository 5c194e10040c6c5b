"""The people of the training centre, and clips to add."""

import pytest
from django.core.files.base import ContentFile

from accounts.models import Role, User
from tests.factories import UserFactory
from training.manifest import About
from training.models import Label, Origin
from training.services.samples import Entry, add_sample


@pytest.fixture
def curator(db) -> User:
    """Somebody who may label."""
    return UserFactory(email="curator@example.org", role=Role.CURATOR)


@pytest.fixture
def model_owner(db) -> User:
    """Somebody who may train."""
    return UserFactory(email="trainer@example.org", role=Role.OWNER)


@pytest.fixture
def entry(clip_file):
    """Return a function that gives a shipped clip, or other bytes, as something to add."""

    def make(name="real-prompt.wav", label=Label.REAL, content=None, **about):
        content = clip_file(name).read_bytes() if content is None else content
        return Entry(ContentFile(content, name=name), name, About(label=label, **about))

    return make


@pytest.fixture
def add(entry, curator):
    """Return a function that adds a clip and returns its sample."""

    def make(name="real-prompt.wav", label=Label.REAL, actor=None, origin=Origin.UPLOAD, **more):
        taken = {key: more.pop(key) for key in ("confirmed", "note") if key in more}
        added = add_sample(
            actor=actor or curator, entry=entry(name, label, **more), origin=origin, **taken
        )
        return added.sample

    return make
