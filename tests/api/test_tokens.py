"""Tokens over the API: made, listed and revoked by their owner."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import ApiToken, Scope, User
from accounts.services import create_token
from tests.api.conftest import URL, assert_problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def full(owner: User, api: Callable[..., APIClient]) -> APIClient:
    """The owner's program, which may everything that they may."""
    return api(owner, scopes=[Scope.ADMIN])


def test_a_token_is_made_shown_once_and_works(full: APIClient) -> None:
    made = full.post(f"{URL}/tokens", {"name": "queue", "scopes": ["read"]}, format="json")
    assert made.status_code == 201
    assert made["Cache-Control"] == "no-store"
    program = APIClient(headers={"Authorization": f"Bearer {made.json()['token']}"})
    assert program.get(f"{URL}/predictions").status_code == 200
    assert made.json()["token"] not in full.get(f"{URL}/tokens").content.decode()


def test_the_list_holds_ones_own_and_says_when_they_were_used(
    full: APIClient, stranger: User
) -> None:
    create_token(owner=stranger, name="not theirs")
    (row,) = full.get(f"{URL}/tokens").json()["results"]
    assert row["name"] == "test"
    assert row["last_used_at"]


def test_a_revoked_token_is_refused_even_by_itself(full: APIClient) -> None:
    row = ApiToken.objects.get()
    assert full.delete(f"{URL}/tokens/{row.pk}").status_code == 204
    assert_problem(full.get(f"{URL}/tokens"), 401, "invalid_token")


@pytest.mark.parametrize("scope", set(Scope) - {Scope.ADMIN})
def test_a_lesser_token_makes_none(scope: str, owner: User, api: Callable[..., APIClient]) -> None:
    lesser = api(owner, scopes=[scope])
    assert_problem(lesser.post(f"{URL}/tokens", {"name": "x"}), 403, "scope_missing")


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({}, "name"),
        ({"name": "x", "scopes": []}, "scopes"),
        ({"name": "x", "scopes": ["fly"]}, "scopes.0"),
        ({"name": "x", "expires_in_days": 0}, "expires_in_days"),
    ],
)
def test_a_wrong_wish_names_the_field(full: APIClient, wish: dict, field: str) -> None:
    response = full.post(f"{URL}/tokens", wish, format="json")
    body = assert_problem(response, 400, "invalid_request")
    assert [error["field"] for error in body["errors"]] == [field]
    assert ApiToken.objects.count() == 1


def test_a_token_may_end(full: APIClient) -> None:
    made = full.post(f"{URL}/tokens", {"name": "x", "expires_in_days": 1}, format="json").json()
    row = ApiToken.objects.get(pk=made["id"])
    assert row.is_valid(timezone.now())
    assert not row.is_valid(timezone.now() + timedelta(days=2))
