"""Runs over HTTP, under the names of the original system."""

import pytest

from accounts.models import Scope
from tests.training.material import add_samples, engine
from training.models import RunState, TrainingRun
from training.services.runs import claim_next, progress

API = "/api/v1"


@pytest.fixture
def taught(db, champion, model_owner):
    add_samples(engine(), model_owner, count=12)


@pytest.fixture
def trainer(api, model_owner):
    return api(model_owner, [Scope.TRAIN, Scope.LABEL])


def test_a_run_is_started_watched_and_cancelled(taught, trainer):
    idle = trainer.get(f"{API}/retrain/status").json()
    assert (idle["status"], idle["is_training"]) == ("idle", False)
    assert idle["new_files"] == {"REAL": 0, "FAKE": 12, "total": 12}

    started = trainer.post(
        f"{API}/retrain", {"model_type": "svm", "include_original_data": True}, format="json"
    )
    assert started.status_code == 202
    assert started.json()["state"] == "queued"
    progress(claim_next(), "search", 0.5)
    status = trainer.get(f"{API}/retrain/status").json()
    assert (status["status"], status["is_training"]) == ("training", True)
    assert 0 < status["progress"] < 100
    assert status["message"] == "search on all rows"

    run = trainer.get(started["Location"]).json()
    assert (run["model_type"], run["step"]) == ("svm", "search")
    assert run["log"][0]["text"] == "search on all rows"
    assert trainer.get(f"{API}/runs").json()["results"][0]["id"] == run["id"]
    assert trainer.post(run["links"]["cancel"]).status_code == 202
    assert TrainingRun.objects.get().cancelled_by is not None


def test_a_form_is_read_as_well_as_json(taught, trainer):
    answer = trainer.post(
        f"{API}/retrain", {"model_type": "random_forest", "include_original_data": "true"}
    )
    assert answer.status_code == 202
    assert answer.json()["model_type"] == "random_forest"
    # In a form a box that is not ticked is left out; here what is left out has its default.
    answer = trainer.post(f"{API}/retrain", {"model_type": "svm"})
    assert answer.json()["include_original_data"] is True
    answer = trainer.post(f"{API}/retrain", {"include_original_data": "false"})
    assert answer.json()["code"] == "too_few_of_a_class"


def test_a_refusal_has_its_reason(db, trainer):
    answer = trainer.post(f"{API}/retrain")
    assert answer.status_code == 409
    assert answer.json()["code"] == "too_few_samples"
    wrong = trainer.post(f"{API}/retrain", {"model_type": "oracle", "target_fpr": 2}, format="json")
    assert wrong.status_code == 400
    assert {"model_type", "target_fpr"} <= {one["field"] for one in wrong.json()["errors"]}


def test_nothing_new_is_refused(taught, trainer):
    assert trainer.post(f"{API}/retrain").status_code == 202
    again = trainer.post(f"{API}/retrain")
    assert (again.status_code, again.json()["code"]) == (409, "nothing_new")


def test_a_run_that_has_ended_cannot_be_cancelled(taught, trainer):
    run = trainer.post(f"{API}/retrain").json()
    assert trainer.post(run["links"]["cancel"]).json()["state"] == RunState.CANCELLED
    assert trainer.post(run["links"]["cancel"]).json()["code"] == "run_ended"


def test_strangers_and_curators_start_nothing(taught, api, stranger, curator, trainer):
    run = trainer.post(f"{API}/retrain").json()
    outsider = api(stranger, [Scope.TRAIN, Scope.LABEL])
    for path in ("/retrain/status", "/runs", f"/runs/{run['id']}"):
        assert outsider.get(f"{API}{path}").status_code == 403
    for who in (outsider, api(curator, [Scope.TRAIN, Scope.LABEL])):
        assert who.post(f"{API}/retrain").status_code == 403
        assert who.post(run["links"]["cancel"]).status_code == 403
    assert TrainingRun.objects.get().state == RunState.QUEUED
