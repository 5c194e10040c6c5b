"""The pages of runs: what they show, and whom they let do what."""

import pytest
from django.urls import reverse

from tests.factories import UserFactory
from tests.training.material import add_samples, engine
from training.models import GateReport, ModelVersion, RunState, TrainingRun
from training.services.runs import claim_next, fail, progress, start_run

LIST = reverse("training:runs")
ASKED = {
    "model_type": "svm",
    "search_size": "quick",
    "target_fpr": "5",
    "promote_policy": "if_gate_passes",
    "seed": "7",
    "include_original_data": "on",
}


@pytest.fixture
def trainer(db):
    return UserFactory(role="owner")


@pytest.fixture
def run(trainer):
    add_samples(engine(), trainer, count=12)
    return start_run(actor=trainer)


def address(name, run):
    return reverse(f"training:{name}", args=[run.pk])


def test_only_who_may_label_sees_runs_and_only_who_may_train_starts_and_ends_them(
    run, analyst, curator, client
):
    for name in ("run", "run-live"):
        assert analyst.get(address(name, run)).status_code == 403
        assert curator.get(address(name, run)).status_code == 200
    assert analyst.get(LIST).status_code == 403
    assert curator.post(LIST, ASKED).status_code == 403
    assert curator.post(address("cancel-run", run)).status_code == 403
    assert "/login/?next=" in client.get(LIST)["Location"]
    assert TrainingRun.objects.get().state == RunState.QUEUED


def test_a_run_is_started_by_the_form(db, trainer, model_owner):
    add_samples(engine(), trainer, count=12)
    response = model_owner.post(LIST, ASKED)

    run = TrainingRun.objects.get()
    assert response["Location"] == address("run", run)
    assert (run.model_type, run.target_fpr, run.seed) == ("svm", 0.05, 7)
    assert run.snapshot.base_sha256


def test_a_refusal_is_said_beside_what_was_asked_for(db, model_owner):
    response = model_owner.post(LIST, ASKED)

    assert response.status_code == 422
    assert "0 samples are confirmed" in response.text
    assert 'value="7"' in response.text


def test_a_running_run_shows_its_step_its_log_and_how_far_it_is(run, model_owner):
    claimed = claim_next()
    progress(claimed, "search", 0.5)
    page = model_owner.get(address("run-live", run)).text

    assert 'data-state="running"' in page
    assert "search on all rows" in page
    assert 'aria-current="step"' in page


def test_a_page_that_watches_is_loaded_anew_when_the_run_has_ended(run, model_owner):
    fail(claim_next(), code="training_lost")

    assert model_owner.get(address("run-live", run))["HX-Refresh"] == "true"
    page = model_owner.get(address("run", run)).text
    assert "Its process ended three times" in page
    assert "hx-get" not in page


def test_a_run_is_cancelled_by_its_button(run, model_owner):
    assert 'data-testid="cancel"' in model_owner.get(address("run", run)).text
    model_owner.post(address("cancel-run", run))

    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
    assert "cannot be cancelled" in model_owner.post(address("cancel-run", run), follow=True).text


def test_a_run_that_is_done_shows_its_evaluation_and_each_check(run, champion, model_owner):
    manifest = champion.manifest | {
        "name": run.name,
        "protocol": {
            "outer_folds": {"eer": 0.251, "auc": 0.8},
            "leaky_folds": {"eer": 0.191, "auc": 0.9},
        },
    }
    version = ModelVersion.objects.create(
        name=run.name, schema=champion.schema, artifact_sha256="0" * 64, manifest=manifest
    )
    check = {"figure": "eer", "slice": "", "clips": 836, "champion": 0.1, "challenger": 0.2}
    gate = GateReport.objects.create(
        version=version,
        champion=champion,
        passed=False,
        clips=836,
        checks=[check | {"groups": 9, "low": 0.01, "high": 0.19, "p": 0.01, "worse": True}],
    )
    claim_next()
    TrainingRun.objects.update(
        state=RunState.DONE, version=version, gate=gate, finished_at=run.created_at
    )
    page = model_owner.get(address("run", run)).text

    assert 'data-passed="false"' in page
    assert "0.251" in page
    assert "leaky" in page
    assert reverse("training:version", args=[version.pk]) in page


def test_the_list_asks_the_database_as_often_for_many_runs_as_for_one(
    run, model_owner, django_assert_num_queries
):
    def runs_of(count):
        for seed in range(count):
            TrainingRun.objects.create(
                started_by=UserFactory(), snapshot=run.snapshot, seed=seed + 10
            )

    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        model_owner.get(LIST)
    runs_of(30)
    with django_assert_num_queries(len(few)):
        page = model_owner.get(LIST).text
    assert page.count('data-testid="row"') == 25
