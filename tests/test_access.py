"""Who gets in where: every route of the URL configuration, so that a new one is never forgotten.

What exactly a role may is promised beside each view; here is what holds for all of them: nobody
who is not logged in gets anything, nobody gets what is another person's, and a token or a role
that does not suffice is refused.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import Role, Scope, User
from tests.api.conftest import assert_problem
from tests.factories import UserFactory
from tests.objects import CLIP_NAME, OWNED, objects_of
from tests.routes import Route, api_routes, page_routes, routes
from training.models import ModelVersion

pytestmark = pytest.mark.django_db

OPEN_API = {"api:health"}
OPEN_PAGES = {"theme", "invitation"}
FOR_ALL = {"training:version", "training:card-md", "training:card-json"}
"""What everybody who is logged in may know: what the versions are that judge."""
LIBRARY = ("account_", "mfa_", "usersessions_")
"""Routes of django-allauth, which guards its own; tests/accounts holds what we rely on."""

API_CALLS = [(route, method) for route in api_routes() for method in route.methods]
PAGES = [route for route in page_routes() if not route.name.startswith(LIBRARY)]
Address = Callable[[Route], str]


def named(value: Any) -> str | None:
    return value.name if isinstance(value, Route) else None


def body_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


@pytest.fixture(autouse=True)
def _static_files_by_their_own_names(settings: Any) -> None:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture
def address(owner: User, champion: ModelVersion) -> Address:
    """Return a function that gives a route's address, about something of the owner's."""
    objects = objects_of(owner, champion)

    def find(route: Route) -> str:
        unknown = set(route.parameters) - set(objects)
        assert not unknown, f"tests/objects.py has no {unknown}, which {route.path} names"
        return reverse(route.name, kwargs={name: objects[name] for name in route.parameters})

    return find


def scopes_for(route: Route, method: str) -> tuple[str, ...]:
    """What a view of the API asks for; `admin` where it is about one's own account."""
    found = getattr(route.pattern.callback.cls, "scopes", {})
    return tuple(found.get(method.upper(), (Scope.ADMIN,)))


def test_there_are_as_many_routes_as_one_would_think() -> None:
    assert len(API_CALLS) > 35
    assert len(PAGES) > 40
    assert len({route.name for route in routes()}) > 90


@pytest.mark.parametrize(("route", "method"), API_CALLS, ids=named)
def test_the_api_tells_nobody_anything(route: Route, method: str, address: Address) -> None:
    response = getattr(Client(), method)(address(route))
    if route.name in OPEN_API:
        assert response.status_code == 200
    else:
        assert_problem(response, 401, "not_authenticated")


@pytest.mark.parametrize(
    ("route", "method"), [call for call in API_CALLS if call[0].name not in OPEN_API], ids=named
)
def test_the_api_asks_a_token_for_its_scope(
    route: Route, method: str, address: Address, api: Callable[..., APIClient]
) -> None:
    needed = scopes_for(route, method)
    other = next(scope for scope in Scope if scope not in needed and scope != Scope.ADMIN)
    client = api(UserFactory(role=Role.ADMINISTRATOR), scopes=[other])
    assert_problem(getattr(client, method)(address(route)), 403, "scope_missing")


@pytest.mark.parametrize(("route", "method"), API_CALLS, ids=named)
def test_the_api_gives_a_stranger_nothing_of_others(
    route: Route, method: str, address: Address, stranger: User, api: Callable[..., APIClient]
) -> None:
    client = api(stranger, scopes=[Scope.ADMIN])
    response = getattr(client, method)(address(route))
    needed = set(scopes_for(route, method)) - {Scope.ADMIN}
    if needed and not any(stranger.may(scope) for scope in needed):
        assert_problem(response, 403, "role_missing")
    elif OWNED & set(route.parameters):
        assert_problem(response, 404, "not_found")
    else:
        assert response.status_code != 500
        assert CLIP_NAME.encode() not in body_of(response)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("route", PAGES, ids=named)
def test_a_page_asks_who_is_there(route: Route, method: str, address: Address) -> None:
    answer = getattr(Client(), method)(address(route))
    if route.name in OPEN_PAGES:
        assert answer.status_code < 500
    elif answer.status_code != 405:
        assert answer.status_code == 302
        assert "/account/login/" in answer["Location"] or route.name == "training:index"


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("route", PAGES, ids=named)
def test_a_page_shows_a_stranger_nothing_of_others(
    route: Route, method: str, address: Address, stranger: User, client_of: Callable[[User], Client]
) -> None:
    if route.name in OPEN_PAGES:
        return
    answer = getattr(client_of(stranger), method)(address(route))
    if OWNED & set(route.parameters):
        assert answer.status_code in (404, 405)
    elif route.name in FOR_ALL:
        assert answer.status_code in (200, 405)
    elif route.parameters or route.path.startswith(("people/", "teams/")):
        assert answer.status_code in (403, 405)
    elif route.path.startswith("training/"):
        assert answer.status_code in (403, 405) or answer["Location"].startswith("/training/")
    else:
        assert answer.status_code < 500
        assert CLIP_NAME.encode() not in body_of(answer)
