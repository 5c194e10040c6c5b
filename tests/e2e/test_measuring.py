"""What a run lacks is measured by all workers of samples, also where one of them is killed."""

import threading

import pytest
from django.core.files.base import ContentFile
from django.db import connection

from tests.e2e.processes import wait_for, worker
from tests.factories import SampleFactory, UserFactory
from tests.training.material import add_samples, engine, save_small_table
from training import course
from training.models import FeatureRows, RunState
from training.services.runs import claim_next, start_run

pytestmark = [pytest.mark.stack, pytest.mark.django_db(transaction=True)]

UNMEASURED = 5

HOLD = """
CREATE OR REPLACE FUNCTION hold_features() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_advisory_xact_lock_shared(7); RETURN NEW; END $$;
CREATE TRIGGER hold_features BEFORE INSERT ON training_featurerows
FOR EACH ROW EXECUTE FUNCTION hold_features();
"""
HELD = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


def sql(text):
    with connection.cursor() as cursor:
        cursor.execute(text)
        return cursor.fetchall() if cursor.description else None


@pytest.fixture
def workers(services, transactional_db, tmp_path):
    """Two workers of samples, neither of which gets further than the rows it is about to write."""
    programs = [worker(tmp_path / f"{number}.log", "extract") for number in range(2)]
    for program in programs:
        wait_for(lambda one=program: " ready." in one.said() or one.fail_if_ended(), "a worker")
    yield programs
    for program in programs:
        if program.process.poll() is None:
            program.kill()
    sql("SELECT pg_advisory_unlock_all()")
    sql("DROP TRIGGER IF EXISTS hold_features ON training_featurerows")


def test_two_workers_measure_for_a_run_and_one_of_them_may_be_killed(
    champion, clip_file, settings, tmp_path, workers, monkeypatch
):
    settings.BASE_TABLE = save_small_table(tmp_path)
    settings.RUNS_FOLDER = tmp_path / "runs"
    person = UserFactory(role="owner")
    add_samples(engine(), person, count=40)
    clip = clip_file("real-prompt.wav").read_bytes()
    for number in range(UNMEASURED):
        audio = ContentFile(clip + bytes([number]), name="a.wav")
        SampleFactory(added_by=person, audio=audio, confirmed=True)
    sql(HOLD)
    sql("SELECT pg_advisory_lock(7)")
    run = start_run(actor=person, model_type="logistic_regression", search_size="quick")

    def do():
        course.do(claim_next())
        connection.close()

    doing = threading.Thread(target=do)
    doing.start()
    try:
        wait_for(lambda: len(sql(HELD)) == len(workers), "work for both")
        workers[0].kill()
        monkeypatch.setattr(course, "RESEND_SECONDS", 1)
        sql("SELECT pg_advisory_unlock(7)")
    finally:
        sql("SELECT pg_advisory_unlock_all()")
        doing.join()

    run.refresh_from_db()
    assert run.state == RunState.DONE, (run.error_code, workers[1].said())
    assert f"{UNMEASURED} samples have to be measured first." in [each["text"] for each in run.log]
    assert FeatureRows.objects.count() == 40 + UNMEASURED
