"""Webhooks over the API."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from accounts.models import Scope, User
from tests.api.conftest import URL, assert_problem
from webhooks import services
from webhooks.models import Attempt, Endpoint

pytestmark = pytest.mark.django_db

WISH = {"url": "https://hooks.example.org/a", "events": ["prediction.done"]}


@pytest.fixture
def full(owner: User, api: Callable[..., APIClient]) -> APIClient:
    """The owner's program, which may everything that they may."""
    return api(owner, scopes=[Scope.ADMIN])


@pytest.fixture
def made(full: APIClient) -> dict:
    """An endpoint as it was made."""
    response = full.post(f"{URL}/webhooks", WISH, format="json")
    assert response.status_code == 201
    return response.json()


def test_the_secret_is_shown_when_it_is_made_and_never_again(full: APIClient, made: dict) -> None:
    address = f"{URL}/webhooks/{made['id']}"
    assert made["secret"].startswith("whsec_")
    assert "secret" not in full.get(address).json()
    assert "whsec_" not in full.get(f"{URL}/webhooks").content.decode()
    rotated = full.post(f"{address}/rotate-secret").json()
    assert rotated["secret"] not in ("", made["secret"])


def test_it_is_changed_in_part(full: APIClient, made: dict) -> None:
    address = f"{URL}/webhooks/{made['id']}"
    changed = full.patch(address, {"events": ["batch.done"]}, format="json").json()
    assert (changed["events"], changed["url"]) == (["batch.done"], WISH["url"])


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (WISH | {"url": "file:///etc/passwd"}, "url"),
        (WISH | {"events": ["sun.rises"]}, "events.0"),
        (WISH | {"events": []}, "events"),
        ({"events": WISH["events"]}, "url"),
    ],
)
def test_a_wrong_wish_names_the_field(full: APIClient, wish: dict, field: str) -> None:
    body = assert_problem(full.post(f"{URL}/webhooks", wish, format="json"), 400, "invalid_request")
    assert [error["field"] for error in body["errors"]] == [field]


def test_what_is_off_is_not_tested(full: APIClient, made: dict) -> None:
    address = f"{URL}/webhooks/{made['id']}"
    assert full.post(f"{address}/disable").json()["disabled_because"] == "owner"
    assert_problem(full.post(f"{address}/test"), 409, "webhook_disabled")
    assert full.post(f"{address}/enable").json()["disabled_at"] is None
    assert full.post(f"{address}/test").status_code == 202


def test_the_log_shows_attempts_in_a_fixed_number_of_queries(
    full: APIClient, made: dict, django_assert_max_num_queries: Callable
) -> None:
    endpoint = Endpoint.objects.get()
    for _ in range(20):
        delivery = endpoint.deliveries.create(event="prediction.done", data={"id": "1"})
        Attempt.objects.create(delivery=delivery, status_code=500, error="no", seconds=0.1)
    with django_assert_max_num_queries(5):
        log = full.get(f"{URL}/webhooks/{made['id']}/deliveries").json()
    assert len(log["results"]) == 20
    assert log["results"][0]["attempts"][0]["status_code"] == 500
    resent = full.post(f"{URL}/webhooks/deliveries/{log['results'][0]['id']}/resend")
    assert resent.status_code == 202


def test_there_may_be_so_many(full: APIClient, made: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "ENDPOINTS_PER_PERSON", 1)
    response = full.post(f"{URL}/webhooks", WISH, format="json")
    assert_problem(response, 409, "too_many_webhooks")
