"""The same numbers come out wherever fits run."""

import pytest
from distributed import LocalCluster

from tests.learning.tables import with_test
from training.learning.experiment import Plan, Store, run_experiment
from training.learning.parallel import Workers
from training.learning.recipe import Wanted

PLAN = Plan("voicetell-test", "svm", "quick", Wanted(), 1, "5" * 64)


def run(folder, workers):
    with workers as processes:
        return run_experiment(
            with_test(),
            PLAN,
            workers=processes,
            store=Store(folder),
            report=lambda *_: None,
        )


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    return run(tmp_path_factory.mktemp("alone"), Workers())


@pytest.mark.stack
def test_two_dask_workers_give_what_one_process_gives(alone, tmp_path):
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        with Workers(scheduler=cluster.scheduler_address) as workers:
            assert workers.jobs == 2
        made = run(tmp_path, Workers(scheduler=cluster.scheduler_address))
    assert made.artifact == alone.artifact
    assert made.manifest["metrics"] == alone.manifest["metrics"]
    assert made.manifest["protocol"] == alone.manifest["protocol"]


@pytest.mark.stack
def test_two_processes_of_this_machine_give_what_one_gives(alone, tmp_path):
    made = run(tmp_path, Workers(2))
    assert made.artifact == alone.artifact
    assert made.manifest["protocol"] == alone.manifest["protocol"]


def test_work_that_nobody_asks_for_is_not_done():
    done = []
    with Workers() as workers:
        results = workers.map(
            lambda shared, task: done.append(task), None, [(k,) for k in range(9)]
        )
        next(results)
    assert done == [0]
