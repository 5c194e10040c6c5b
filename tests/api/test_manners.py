"""What an integrator may rely on at every address: retries, limits, caching, ids, origins."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from redis import Redis
from rest_framework.test import APIClient

from accounts.models import User
from config.request_id import RequestIdFilter, RequestIdMiddleware
from detector import services
from detector.models import Batch, Clip, Prediction
from tests.api.conftest import URL, WAV, assert_problem, text, wav
from tests.factories import PredictionFactory

pytestmark = pytest.mark.django_db(transaction=True)
PREDICT = f"{URL}/predict"


def send(client: APIClient, key: str = "one", **fields: Any) -> Any:
    headers = {"Idempotency-Key": key, "Prefer": "respond-async"}
    return client.post(PREDICT, {"file": wav()} | fields, headers=headers)


# --- Idempotency-Key --------------------------------------------------------------------------


def test_a_request_that_is_sent_again_is_answered_again_and_not_done_again(
    client: APIClient,
) -> None:
    first, second = send(client), send(client)
    assert (first.status_code, second.status_code) == (202, 202)
    assert second.json() == first.json()
    assert second["Location"] == first["Location"]
    assert second["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert Clip.objects.count() == 1


def form(boundary: str, content: bytes = WAV) -> dict[str, Any]:
    head = 'Content-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
    body = f"--{boundary}\r\n{head}".encode() + content + f"\r\n--{boundary}--\r\n".encode()
    return {"data": body, "content_type": f"multipart/form-data; boundary={boundary}"}


def test_the_boundary_that_a_program_draws_for_a_form_is_no_difference(client: APIClient) -> None:
    headers = {"Idempotency-Key": "k", "Prefer": "respond-async"}
    ids = {
        client.post(PREDICT, **form(boundary), headers=headers).json()["id"]
        for boundary in ("a" * 32, "b" * 40)
    }
    assert len(ids) == 1


def test_a_large_body_is_told_apart_to_its_last_byte(client: APIClient) -> None:
    headers = {"Idempotency-Key": "k", "Prefer": "respond-async"}
    large = WAV + bytes(200_000)
    assert client.post(PREDICT, **form("x" * 30, large), headers=headers).status_code == 202
    response = client.post(PREDICT, **form("y" * 30, large[:-1] + b"!"), headers=headers)
    assert_problem(response, 422, "idempotency_mismatch")


@pytest.mark.parametrize("change", [{"external_id": "other"}, {"file": text()}])
def test_another_body_under_the_same_key_is_refused(
    client: APIClient, change: dict[str, Any]
) -> None:
    send(client)
    assert_problem(send(client, **change), 422, "idempotency_mismatch")
    assert Clip.objects.count() == 1


def test_another_address_under_the_same_key_is_refused(client: APIClient) -> None:
    row = send(client).json()
    response = client.post(f"{row['links']['self']}/cancel", headers={"Idempotency-Key": "one"})
    assert_problem(response, 422, "idempotency_mismatch")
    assert Prediction.objects.get().status == "queued"


def test_keys_of_different_people_and_other_keys_are_different(
    client: APIClient, stranger: User, api: Any
) -> None:
    send(client)
    send(client, key="two")
    send(api(stranger))
    assert Clip.objects.count() == 3


def test_a_refused_request_is_answered_as_before(client: APIClient) -> None:
    first, second = (send(client, file=text()) for _ in range(2))
    assert_problem(first, 422, "unsupported_format")
    assert second.content == first.content
    assert second["Content-Type"] == first["Content-Type"]


def test_what_was_a_fault_of_ours_may_be_tried_again(client: APIClient, worker: Any) -> None:
    worker(lambda row: services.fail(row, code="no_model"))
    headers = {"Idempotency-Key": "k"}
    for _ in range(2):
        assert_problem(client.post(PREDICT, {"file": wav()}, headers=headers), 503, "no_model")
    assert Clip.objects.count() == 2


def test_while_the_first_is_answered_the_second_is_told_so(client: APIClient) -> None:
    started, headers = Event(), {"Idempotency-Key": "k", "Prefer": "wait=20"}

    def ask() -> Any:
        started.set()
        try:
            return client.post(PREDICT, {"file": wav()}, headers=headers)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(ask)
        while not Prediction.objects.exists():
            assert not first.done(), first.result().content
        second = client.post(PREDICT, {"file": wav()}, headers=headers)
        row = Prediction.objects.get()
        client.post(f"{URL}/predictions/{row.pk}/cancel")
        assert_problem(first.result(), 410, "cancelled")
    assert_problem(second, 409, "idempotency_in_flight")
    assert Clip.objects.count() == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "ä"])
def test_a_key_that_is_none_is_refused(client: APIClient, key: str) -> None:
    body = assert_problem(send(client, key=key), 400, "invalid_request")
    assert body["errors"][0]["field"] == "Idempotency-Key"


def test_a_token_is_looked_up_once(client: APIClient) -> None:
    with CaptureQueriesContext(connection) as queries:
        send(client)
    asked = [query["sql"] for query in queries if 'FROM "accounts_apitoken"' in query["sql"]]
    assert len(asked) == 1, asked


def test_a_key_does_not_open_the_door(client: APIClient, owner: User, api: Any) -> None:
    send(client)
    assert_problem(send(Client()), 401, "not_authenticated")
    assert_problem(send(Client(headers={"Authorization": "Bearer x"})), 401, "invalid_token")
    assert_problem(send(api(owner, scopes=["read"])), 403, "scope_missing")


def test_an_answer_is_kept_for_a_day_and_a_claim_for_minutes(
    client: APIClient, redis_server: Redis
) -> None:
    send(client)
    (name,) = redis_server.keys("voicetell:idempotency:*")
    assert 23 * 3600 < redis_server.ttl(name) <= 24 * 3600


# --- limits -----------------------------------------------------------------------------------


def test_a_token_that_asks_too_often_is_told_when_to_come_back(
    client: APIClient, stranger: User, api: Any, settings: Any
) -> None:
    settings.API_RATE_LIMIT = 2
    left = [client.get(f"{URL}/predictions")["RateLimit"].split(";")[1] for _ in range(2)]
    response = client.get(f"{URL}/predictions")
    assert left == ["r=1", "r=0"]
    assert_problem(response, 429, "throttled")
    assert 1 <= int(response["Retry-After"]) <= 61
    assert response["RateLimit-Policy"] == '"token";q=2;w=60'
    assert response["RateLimit"].startswith('"token";r=0;t=')
    assert api(stranger).get(f"{URL}/predictions").status_code == 200


def test_a_refused_upload_is_not_read(client: APIClient, settings: Any) -> None:
    settings.API_RATE_LIMIT = 1
    client.get(f"{URL}/predictions")
    assert_problem(client.post(PREDICT, {"file": wav()}), 429, "throttled")
    assert not Clip.objects.exists()


def test_an_operator_may_set_no_limit(client: APIClient, settings: Any) -> None:
    settings.API_RATE_LIMIT = 0
    assert "RateLimit" not in client.get(f"{URL}/predictions")


# --- reading again ----------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/predictions", "/predictions/{id}", "/predict/batch/{batch}"])
def test_what_has_not_changed_is_not_sent_again(client: APIClient, owner: User, path: str) -> None:
    batch = Batch.objects.create(owner=owner)
    row = PredictionFactory(clip__owner=owner, batch=batch)
    batch.files = [{"filename": "a", "prediction": str(row.pk)}]
    batch.save()
    address = URL + path.format(id=row.pk, batch=batch.pk)

    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert first["Cache-Control"] == "private, no-cache"
    assert "Authorization" in first["Vary"]

    Prediction.objects.update(status="failed", error_code="no_audio", finished_at=row.created_at)
    changed = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


# --- request ids ------------------------------------------------------------------------------


def test_every_answer_names_its_request(client: APIClient) -> None:
    names = {
        client.get(f"{URL}/predictions")["X-Request-ID"],
        client.get(f"{URL}/nope")["X-Request-ID"],
        client.get("/login/")["X-Request-ID"],
    }
    assert len(names) == 3


@pytest.mark.parametrize(
    ("given", "is_kept"), [("call-4711.a_b", True), ("a b", False), ("x" * 65, False), ("", False)]
)
def test_a_client_may_name_its_request(client: APIClient, given: str, is_kept: bool) -> None:
    found = client.get(f"{URL}/health", headers={"X-Request-ID": given})["X-Request-ID"]
    assert (found == given) is is_kept
    assert found


def test_logs_and_tasks_carry_the_name(redis_server: Redis) -> None:
    record = logging.makeLogRecord({})

    def look(request: HttpRequest) -> HttpResponse:
        RequestIdFilter().filter(record)
        services.send(uuid4())
        return HttpResponse()

    RequestIdMiddleware(look)(RequestFactory().get("/", headers={"X-Request-ID": "abc"}))
    assert record.request_id == "abc"
    assert json.loads(redis_server.lpop("predict"))["headers"]["request_id"] == "abc"


# --- origins ----------------------------------------------------------------------------------


def test_no_other_origin_may_call_unless_it_is_named(settings: Any) -> None:
    origin = {"Origin": "https://app.example.org"}
    asked = Client().get(f"{URL}/health", headers=origin)
    assert "Access-Control-Allow-Origin" not in asked

    settings.MIDDLEWARE = ["corsheaders.middleware.CorsMiddleware", *settings.MIDDLEWARE]
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.org"]
    client = Client()
    preflight = {
        **origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,idempotency-key,prefer",
    }
    allowed = client.options(PREDICT, headers=preflight)
    assert allowed["Access-Control-Allow-Origin"] == "https://app.example.org"
    assert "idempotency-key" in allowed["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in allowed
    read = client.get(f"{URL}/health", headers=origin)
    assert "ratelimit" in read["Access-Control-Expose-Headers"].lower()
    other = client.get(f"{URL}/health", headers={"Origin": "https://evil.example.org"})
    assert "Access-Control-Allow-Origin" not in other
    page = client.get("/login/", headers=origin)
    assert "Access-Control-Allow-Origin" not in page
