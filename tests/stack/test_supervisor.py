"""The supervisor keeps its parts running, and whatever happens to it, leaves none behind."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stack.conftest import Program, eventually

pytestmark = pytest.mark.stack


@pytest.fixture
def toys(run: Callable[..., Program], tmp_path: Path) -> Callable[..., Program]:
    def start(state: str = "healthy", grace: str = "0.5") -> Program:
        return run("tests.stack.toy", str(tmp_path), state, grace)

    return start


def pid_of(folder: Path, name: str) -> int:
    return int((folder / f"{name}.pid").read_text())


def guard_of(program: Program) -> int:
    """Process id of the guard: the supervisor's twin by command line."""
    command = program.family()[program.pid]
    (guard,) = (p for p, c in program.family().items() if c == command and p != program.pid)
    return guard


def workers(program):
    """The toy parts' forked workers; their shells come and go with short sleeps of their own."""
    return {pid for pid, command in program.family().items() if command == "sleep 1000 "}


def test_a_part_that_dies_is_started_again_and_its_workers_are_not_left(toys, tmp_path):
    program = toys()
    program.until("up")
    first = pid_of(tmp_path, "steady")
    eventually(lambda: len(workers(program)) == 2)
    before = workers(program)
    os.kill(first, signal.SIGKILL)
    program.until("steady runs again.")
    assert program.said("steady ended (killed by SIGKILL); it is started again in 1 s.")
    assert program.said("    working"), "the part's last lines are shown"
    assert pid_of(tmp_path, "steady") != first
    eventually(lambda: len(workers(program)) == 2)
    assert len(workers(program) & before) == 1, "only the other part keeps its worker"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_every_part_even_a_stubborn_one(toys, number):
    program = toys()
    program.until("up")
    assert program.stop(number) == 0
    program.everything_is_gone()


def test_a_second_signal_does_not_wait_for_the_stubborn(toys):
    program = toys(grace="300")
    program.until("up")
    program.process.send_signal(signal.SIGINT)
    program.until("stopping")
    assert program.stop(signal.SIGINT) == 0
    program.everything_is_gone()


def test_killing_the_supervisor_leaves_no_orphan(toys):
    program = toys()
    program.until("up")
    assert len(program.family()) >= 6
    program.stop(signal.SIGKILL)
    program.everything_is_gone()


def test_a_guard_that_was_killed_is_replaced(toys):
    program = toys()
    program.until("up")
    os.kill(guard_of(program), signal.SIGKILL)
    program.until("another one watches")
    program.stop(signal.SIGKILL)
    program.everything_is_gone()


def test_a_part_that_does_not_start_ends_the_start_with_its_own_words(toys):
    program = toys("broken")
    assert program.process.wait(timeout=60) == 1
    assert program.said("broken did not start (exit status 3).\n    the disk is on fire")
    program.everything_is_gone()


def test_every_line_is_logged_with_its_time_and_part(toys, tmp_path):
    program = toys()
    program.until("up")
    program.stop()
    line = (tmp_path / "steady.log").read_text().splitlines()[0]
    date, time, name, text = line.split(" ", 3)
    assert (len(date), len(time), name, text) == (10, 12, "steady", "working")
