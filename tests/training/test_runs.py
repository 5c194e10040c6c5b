"""A run from its start to its version, in this process; killed workers are in tests/e2e."""

import tracemalloc

import pytest
from django.db import connection

from accounts.models import AuditEvent
from tests.training.material import add_samples, engine, real, save_small_table
from training import course, snapshots
from training import own_table as own_tables
from training.models import (
    AliasName,
    FeatureRows,
    ModelVersion,
    RunState,
    Sample,
    SampleState,
    Snapshot,
    TrainingRun,
)
from training.own_table import frozen_samples, own_table
from training.selectors import version_for
from training.selectors.runs import current_run, waiting_before
from training.services import runs
from training.services.review import review_samples
from training.services.runs import RunRefusedError, cancel_run, claim_next, start_run

QUICK = {"model_type": "logistic_regression", "search_size": "quick"}


@pytest.fixture(scope="session")
def _small_table(tmp_path_factory):
    return save_small_table(tmp_path_factory.mktemp("base"))


@pytest.fixture
def base(settings, tmp_path, _small_table):
    """The site with a small base table."""
    settings.BASE_TABLE = _small_table
    settings.RUNS_FOLDER = tmp_path / "runs"


@pytest.fixture
def taught(db, base, champion, model_owner):
    """Samples of an engine that the base table does not know, and of people."""
    return [
        *add_samples(engine(), model_owner, count=40),
        *add_samples(real(), model_owner, count=20),
    ]


def done(run):
    """Do a run here and now."""
    claimed = claim_next()
    assert claimed == run
    course.do(claimed)
    run.refresh_from_db()
    return run


def refused(actor, **asked):
    with pytest.raises(RunRefusedError) as error:
        start_run(actor=actor, **asked)
    return error.value.code


def test_a_run_makes_a_version_that_is_compared_and_waits_as_challenger(
    taught, champion, model_owner
):
    run = done(start_run(actor=model_owner, **QUICK))

    assert run.state == RunState.DONE, run.error_code
    assert (run.percent, run.attempts) == (100, 1)
    assert [line["text"] for line in run.log][-1] == "register the version"
    version = run.version
    assert version.name == run.name
    assert version.manifest["snapshot_sha256"] == run.snapshot.sha256
    assert version.manifest["metrics"]["overall"]["eer"] < 0.5
    assert version.manifest["protocol"]["leaky_folds"]["auc"] > 0.5
    assert version.manifest["card"]["What it was trained on"]
    assert run.gate.champion == champion
    assert {"eer", "fpr", "ece"} <= {check["figure"] for check in run.gate.checks}
    assert version_for(AliasName.CHALLENGER) == version
    assert version_for(AliasName.CHAMPION) == champion
    assert AuditEvent.objects.filter(action="run.done", actor=model_owner).count() == 1


def test_the_same_run_again_makes_the_same_artifact(taught, model_owner):
    run = done(start_run(actor=model_owner, **QUICK))
    TrainingRun.objects.filter(pk=run.pk).update(seed=99)  # so that it is not recognised
    again = done(start_run(actor=model_owner, **QUICK))

    assert again.version.artifact_sha256 == run.version.artifact_sha256
    assert again.version.manifest["metrics"] == run.version.manifest["metrics"]
    assert again.snapshot == run.snapshot


def test_nothing_new_is_recognised_by_its_hash(taught, model_owner):
    run = start_run(actor=model_owner, **QUICK)

    assert refused(model_owner, **QUICK) == "nothing_new"
    other = start_run(actor=model_owner, model_type="svm", search_size="quick")
    assert other.snapshot == run.snapshot
    add_samples(engine(), model_owner, count=1, start=60)
    assert start_run(actor=model_owner, **QUICK).snapshot != run.snapshot
    assert Snapshot.objects.count() == 2


def test_a_cancelled_run_may_be_asked_for_again(taught, model_owner):
    run = start_run(actor=model_owner, **QUICK)
    cancel_run(run=run, actor=model_owner)

    assert start_run(actor=model_owner, **QUICK).snapshot == run.snapshot


def test_a_run_whose_samples_were_deleted_says_so_and_may_be_asked_for_again(taught, model_owner):
    run = start_run(actor=model_owner, **QUICK)
    review_samples(ids=[taught[0].pk, taught[1].pk], actor=model_owner, decision="delete")
    done(run)

    assert (run.state, run.error_code) == (RunState.FAILED, "samples_deleted")
    assert run.error_params == {"found": 2}
    assert start_run(actor=model_owner, **QUICK).snapshot != run.snapshot


def test_too_little_is_refused(db, base, champion, model_owner):
    assert refused(model_owner) == "too_few_samples"
    add_samples(engine(), model_owner, count=40)
    assert refused(model_owner, include_original_data=False) == "too_few_of_a_class"
    assert not TrainingRun.objects.exists()


def test_only_confirmed_samples_are_learned_from(taught, model_owner):
    add_samples(engine(), model_owner, count=5, start=50, state=SampleState.WAITING)
    add_samples(engine(), model_owner, count=5, start=60, state=SampleState.EXCLUDED)

    snapshot = snapshots.freeze(include_original_data=True)

    assert {item["id"] for item in snapshots.read(snapshot)} == {str(one.pk) for one in taught}
    assert (snapshot.real, snapshot.fake) == (20, 40)


def test_a_label_that_changes_makes_another_snapshot(taught):
    before = snapshots.freeze(include_original_data=True)
    Sample.objects.filter(pk=taught[0].pk).update(label="real")

    assert snapshots.freeze(include_original_data=True) != before


def test_some_groups_are_kept_for_the_test_and_never_train(taught):
    samples = frozen_samples(snapshots.freeze(include_original_data=True))
    table = own_table(samples, engine().schema)

    guarded = set(samples["id"][samples["guarded"]])
    assert 0 < len(guarded) < 30
    assert set(table.rows["clip"][table.rows["split"] == "dev"]) == guarded
    assert len(table.rows) == 60


def test_of_more_samples_than_fit_into_memory_each_gives_fewer_windows(taught, monkeypatch):
    samples = frozen_samples(snapshots.freeze(include_original_data=True))
    kept = FeatureRows.objects.get(sha256=samples["sha256"][0])
    kept.rows, kept.vectors = kept.rows * 8, bytes(kept.vectors) * 8
    kept.save()
    whole = own_table(samples, kept.schema)
    monkeypatch.setattr(own_tables, "MOST_BYTES", 3 * whole.features[:1].nbytes * len(samples))
    part = own_table(samples, kept.schema)
    assert (len(whole.rows), len(part.rows)) == (len(samples) + 7, len(samples) + 2)
    assert set(part.rows["clip"]) == set(samples["clip"])


def test_without_the_original_data_only_own_clips_teach(db, base, champion, model_owner):
    add_samples(engine(), model_owner, count=60)
    add_samples(real(), model_owner, count=60)
    run = done(start_run(actor=model_owner, include_original_data=False, **QUICK))

    assert run.state == RunState.DONE, run.error_code
    assert run.snapshot.base_sha256 == ""
    assert run.version.manifest["metrics"]["clips"]["real"] > 60


def test_one_runs_at_a_time_and_the_others_wait_their_turn(taught, model_owner):
    first = start_run(actor=model_owner, **QUICK)
    second = start_run(actor=model_owner, model_type="svm", search_size="quick")

    assert claim_next() == first
    assert claim_next() is None
    assert waiting_before(second) == 1
    assert current_run() == first


def test_a_run_whose_worker_is_gone_is_taken_up_twice_and_then_fails(taught, model_owner):
    run = start_run(actor=model_owner, **QUICK)
    for _ in range(3):
        claimed = claim_next()
        TrainingRun.objects.filter(pk=run.pk).update(lease_expires_at=claimed.created_at)
        runs.sweep_runs()
    run.refresh_from_db()

    assert (run.state, run.error_code, run.attempts) == (RunState.FAILED, "training_lost", 3)
    assert not ModelVersion.objects.filter(name=run.name).exists()


def test_who_lost_the_lease_writes_nothing(taught, champion, model_owner):
    start_run(actor=model_owner, **QUICK)
    lost = claim_next()
    runs.lost(lost)
    claim_next()

    runs.progress(lost, "fit", 0.5)
    assert not runs.fail(lost, code="training_failed")
    assert not runs.keep_alive(lost)
    assert TrainingRun.objects.get(pk=lost.pk).state == RunState.RUNNING
    assert version_for(AliasName.CHAMPION) == champion


def test_what_goes_wrong_is_said_and_the_champion_stays(taught, champion, model_owner, settings):
    run = start_run(actor=model_owner, **QUICK)
    settings.BASE_TABLE = settings.BASE_TABLE.with_name("gone.npz")
    done(run)

    assert (run.state, run.error_code) == (RunState.FAILED, "training_failed")
    assert version_for(AliasName.CHAMPION) == champion


def many_samples(person, count):
    """Rows straight into the table, as after years of use."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO training_sample (
                id, added_by_id, origin, name, audio, size, sha256, container, label, source,
                speaker, generator, language, state, decided_by_id, decided_at, people_disagree,
                extraction, attempts, sent_at, error_code, error_params, facts, duration,
                recording, verdict, created_at)
            SELECT gen_random_uuid(), %(who)s, 'upload', 'clip-' || n, '', 1,
                lpad(to_hex(n), 64, '0'), 'wav', CASE WHEN n %% 2 = 0 THEN 'real' ELSE 'fake' END,
                'source ' || n / 10, '', '', 'en', 'confirmed', %(who)s, now(), false, 'done', 0,
                now(), '', '{}', '{}', 3, gen_random_uuid(), '', now()
            FROM generate_series(1, %(count)s) AS n
            """,
            {"who": person.pk, "count": count},
        )


def test_the_start_of_a_run_streams(db, base, model_owner):
    """What it takes does not grow with the number of samples."""
    many_samples(model_owner, 20_000)
    tracemalloc.start()
    snapshot = snapshots.freeze(include_original_data=True)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (snapshot.real, snapshot.fake) == (10_000, 10_000)
    assert most < 12 * 1024**2
    assert sum(1 for _ in snapshots.read(snapshot)) == 20_000
