"""A client that was written for the original system finds all eight endpoints as it knows them."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from rest_framework.test import APIClient

from accounts.models import Role, Scope, User
from tests.api.conftest import URL, assert_problem, wav

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def old_client(owner: User, api: Callable[..., APIClient]) -> APIClient:
    owner.role = Role.ADMINISTRATOR
    owner.save()
    return api(owner, scopes=list(Scope))


def test_health(old_client: APIClient) -> None:
    assert old_client.get(f"{URL}/health").json()["status"] in ("ok", "degraded")


def test_predict(old_client: APIClient, judges: None) -> None:
    response = old_client.post(f"{URL}/predict", {"file": wav("a.wav")}, format="multipart")
    assert response.status_code == 200
    body = response.json()
    assert body["filename"] == "a.wav"
    assert body["prediction"] == "FAKE"
    assert 0 <= body["confidence"] <= 1
    assert set(body["probabilities"]) == {"REAL", "FAKE"}
    assert sum(body["probabilities"].values()) == pytest.approx(1)
    assert body["status"] == "done"
    assert body["error"] is None


def test_predict_batch(old_client: APIClient, judges: None) -> None:
    response = old_client.post(f"{URL}/predict/batch", {"files": [wav("a.wav"), wav("b.wav")]})
    assert response.status_code == 200
    results = response.json()["results"]
    assert [row["filename"] for row in results] == ["a.wav", "b.wav"]
    for row in results:
        assert {"filename", "prediction", "confidence", "probabilities", "status", "error"} <= set(
            row
        )


def test_retrain_add_files(old_client: APIClient) -> None:
    fields = {"files": [wav("a.wav"), wav("b.wav")], "labels": ["REAL", "FAKE"]}
    response = old_client.post(f"{URL}/retrain/add-files", fields, format="multipart")
    assert response.status_code == 200, response.content


@pytest.mark.parametrize("form", ["json", "multipart", "urlencoded"])
def test_retrain_is_understood(old_client: APIClient, form: str) -> None:
    """Its fields are taken; that there is nothing to learn from yet is another matter."""
    asked = {"include_original_data": True, "model_type": "random_forest"}
    if form == "urlencoded":
        kind = "application/x-www-form-urlencoded"
        response = old_client.post(f"{URL}/retrain", urlencode(asked), content_type=kind)
    else:
        response = old_client.post(f"{URL}/retrain", asked, format=form)
    assert_problem(response, 409, "too_few_samples")


def test_retrain_status(old_client: APIClient) -> None:
    response = old_client.get(f"{URL}/retrain/status")
    assert response.status_code == 200, response.content


def test_model_info(old_client: APIClient, champion: object) -> None:
    body = old_client.get(f"{URL}/model/info").json()
    assert {"model_version", "model_type", "features", "metrics"} <= set(body)


def test_metrics(old_client: APIClient) -> None:
    assert {"model", "predictions"} <= set(old_client.get(f"{URL}/metrics").json())
