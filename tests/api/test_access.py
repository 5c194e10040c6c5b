"""Which token and which session gets in; tests/test_access.py asks this of every route."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import ApiToken, User
from accounts.services import create_token
from detector.models import Batch
from tests.api.conftest import URL, assert_problem, text, wav
from tests.factories import PASSWORD, PredictionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(owner: User) -> Callable[[str], str]:
    """Return a function that gives a route's address, of the owner's objects where it has some."""
    prediction = PredictionFactory(clip__owner=owner)
    ids = {"prediction": prediction.pk, "prediction-cancel": prediction.pk}
    ids["batch"] = Batch.objects.create(owner=owner).pk

    def find(name: str) -> str:
        return reverse(f"api:{name}", args=[ids[name]] if name in ids else [])

    return find


@pytest.mark.parametrize(
    ("scope", "name", "method", "allowed"),
    [
        ("read", "predictions", "get", True),
        ("predict", "predictions", "get", False),
        ("read", "prediction", "get", True),
        ("predict", "prediction", "get", True),
        ("read", "prediction", "delete", False),
        ("predict", "prediction", "delete", True),
        ("read", "predict", "post", False),
        ("read", "predict-batch", "post", False),
        ("predict", "batch", "get", True),
        ("admin", "predictions", "get", True),
        ("admin", "prediction", "delete", True),
        ("read", "metrics", "get", True),
        ("read", "prediction-cancel", "post", False),
        ("predict", "prediction-cancel", "post", True),
    ],
)
def test_scopes(
    scope: str,
    name: str,
    method: str,
    allowed: bool,
    address: Callable[[str], str],
    owner: User,
    api: Callable[..., APIClient],
) -> None:
    response = getattr(api(owner, scopes=[scope]), method)(address(name))
    assert (response.status_code != 403) is allowed


def _expired(token: ApiToken) -> None:
    token.expires_at = timezone.now() - timedelta(seconds=1)


def _revoked(token: ApiToken) -> None:
    token.revoked_at = timezone.now()


def _owner_left(token: ApiToken) -> None:
    token.owner.is_active = False
    token.owner.save()


@pytest.mark.parametrize("end", [_expired, _revoked, _owner_left])
def test_a_token_that_has_ended_is_401(owner: User, end: Callable[[ApiToken], None]) -> None:
    token, key = create_token(owner=owner, name="old")
    end(token)
    token.save()
    response = Client().get(f"{URL}/predictions", headers={"Authorization": f"Bearer {key}"})
    assert_problem(response, 401, "invalid_token")
    assert 'error="invalid_token"' in response["WWW-Authenticate"]


@pytest.mark.parametrize("header", ["Bearer", "Bearer a b", "Bearer vt_x_y", "Token \xff"])
def test_a_wrong_token_is_401(header: str, db: None) -> None:
    response = Client().get(f"{URL}/predictions", headers={"Authorization": header})
    assert_problem(response, 401, "invalid_token")


def session(user: User) -> Client:
    """Log in as a browser that checks CSRF like a real one."""
    client = Client(enforce_csrf_checks=True)
    assert client.login(email=user.email, password=PASSWORD)
    return client


def test_a_session_may_read(owner: User) -> None:
    assert session(owner).get(f"{URL}/predictions").status_code == 200


def test_a_session_needs_the_csrf_token_to_write(owner: User) -> None:
    body = assert_problem(
        session(owner).post(f"{URL}/predict", {"file": wav()}), 403, "permission_denied"
    )
    assert "CSRF" in body["detail"]


def test_a_session_with_the_csrf_token_may_write(owner: User) -> None:
    client = session(owner)
    client.cookies["csrftoken"] = "a" * 32
    response: Any = client.post(
        f"{URL}/predict", {"file": text()}, headers={"X-CSRFToken": "a" * 32}
    )
    assert_problem(response, 422, "unsupported_format")


def test_a_session_on_a_one_time_password_gets_a_problem_and_no_page(owner: User) -> None:
    owner.must_change_password = True
    owner.save()
    assert_problem(session(owner).get(f"{URL}/predictions"), 403, "one_time_password")
    assert session(owner).get(f"{URL}/health").status_code == 200


def test_a_person_without_rights_of_office_may_use_the_api(
    owner: User, client_of: Callable[[User], Client]
) -> None:
    assert client_of(owner).get(f"{URL}/model/info").status_code == 503
