"""Every answer that is not a success is a problem that has a page."""

import json
import logging

import pytest
from django.core.exceptions import DisallowedHost
from django.db import OperationalError
from django.http.request import UnreadablePostError
from django.test import Client, RequestFactory
from rest_framework.exceptions import Throttled
from rest_framework.test import APIClient

from accounts.models import User
from detector.api.problems import exception_handler
from detector.engine.errors import ClipError
from detector.messages import PROBLEMS
from tests.api.conftest import URL, assert_problem
from tests.factories import PredictionFactory


@pytest.mark.parametrize(
    "path", ["/api/nope", "/api/v2/predict", f"{URL}/predictions/12", f"{URL}/predict/", "/api/v1"]
)
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_unknown_addresses(path: str, method: str) -> None:
    client = Client(enforce_csrf_checks=True)
    assert_problem(getattr(client, method)(path), 404, "not_found")


@pytest.mark.django_db
def test_a_method_that_is_not_there(client: APIClient) -> None:
    response = client.put(f"{URL}/predict")
    assert_problem(response, 405, "method_not_allowed")
    assert "POST" in response["Allow"]


@pytest.mark.django_db
def test_a_form_that_is_not_there(client: APIClient) -> None:
    response = client.get(f"{URL}/predictions", headers={"Accept": "application/xml"})
    assert_problem(response, 406, "not_acceptable")


def test_a_wrong_host_name() -> None:
    response = Client(headers={"Host": "evil.example.org"}).get("/api/schema/")
    assert_problem(response, 400, "invalid_request")


def test_a_fault_outside_the_views(settings: object) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.api.test_problems.broken"]
    client = Client(raise_request_exception=False)
    assert_problem(client.get(f"{URL}/health"), 500, "internal_error")
    assert "html" in client.get("/")["Content-Type"]


def broken(get_response: object) -> object:
    """A middleware with a bug."""

    def call(request: object) -> None:
        raise RuntimeError("secret detail")

    return call


def answer(error: Exception) -> object:
    """What a client gets when a view raises."""
    request = RequestFactory().get("/api/v1/x")
    response = exception_handler(error, {"request": request})
    response.request = {"PATH_INFO": "/api/v1/x"}
    response.json = lambda: json.loads(response.content)
    return response


def test_a_bug_is_logged_and_never_shown(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        response = answer(RuntimeError("secret detail"))
    assert_problem(response, 500, "internal_error")
    assert b"secret" not in response.content
    assert "secret detail" in caplog.text


def test_a_database_out_of_reach_is_503() -> None:
    response = answer(OperationalError("no route to 10.0.0.7"))
    assert_problem(response, 503, "unavailable")
    assert b"10.0.0.7" not in response.content
    assert response["Retry-After"]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (UnreadablePostError("gone"), 400, "parse_error"),
        (DisallowedHost("evil"), 400, "invalid_request"),
        (Throttled(wait=7), 429, "throttled"),
    ],
)
def test_what_frameworks_raise(error: Exception, status: int, code: str) -> None:
    response = answer(error)
    assert_problem(response, status, code)
    if code == "throttled":
        assert response["Retry-After"] == "7"


@pytest.mark.parametrize("code", PROBLEMS)
def test_every_code_can_be_answered_and_has_its_page(code: str) -> None:
    problem = PROBLEMS[code]
    body = assert_problem(answer(ClipError(code)), problem.status, code)
    page = Client().get(body["type"])
    assert page.status_code == 200
    assert page.json() == {
        "type": body["type"],
        "code": code,
        "status": problem.status,
        "title": problem.title,
        "text": problem.text,
    }
    html = Client().get(body["type"], headers={"Accept": "text/html"})
    assert html["Content-Type"].startswith("text/html")
    assert code in html.content.decode()


def test_all_problems_are_listed() -> None:
    listed = Client().get("/api/problems/").json()["problems"]
    assert [problem["code"] for problem in listed] == list(PROBLEMS)
    page = Client().get("/api/problems/", headers={"Accept": "text/html"}).content.decode()
    assert all(f"/api/problems/{code}/" in page for code in PROBLEMS)


def test_a_problem_that_does_not_exist() -> None:
    assert_problem(Client().get("/api/problems/nonsense/"), 404, "not_found")


@pytest.mark.django_db
def test_a_row_that_cannot_be_shown_is_a_problem_too(client: APIClient, owner: User) -> None:
    row = PredictionFactory(
        clip__owner=owner, done=True, reasons=[{"code": "nonsense", "weight": None, "params": {}}]
    )
    response = client.get(f"{URL}/predictions/{row.pk}")
    assert_problem(response, 500, "internal_error")
    assert b"nonsense" not in response.content
