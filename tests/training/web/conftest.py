"""The training centre, asked as a browser would ask it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Role, User
from tests.factories import UserFactory


@pytest.fixture(autouse=True)
def _static_files_by_their_own_names(settings: Any) -> None:
    """Pages are made without `collectstatic`, which the tests of the whole stack run."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture
def browser_of(client_of: Callable[[User], Client], db: None) -> Callable[[str], Client]:
    """Return a function that gives the browser of somebody with a role."""
    return lambda role: client_of(UserFactory(role=role))


@pytest.fixture
def curator(browser_of: Callable[[str], Client]) -> Client:
    """Who may label."""
    return browser_of(Role.CURATOR)


@pytest.fixture
def model_owner(browser_of: Callable[[str], Client]) -> Client:
    """Who may train and promote."""
    return browser_of(Role.OWNER)


@pytest.fixture
def analyst(browser_of: Callable[[str], Client]) -> Client:
    """Who may only judge clips: a stranger to the training centre."""
    return browser_of(Role.ANALYST)
