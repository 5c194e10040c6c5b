"""The worker's side of runs: claim one, let a process of its own do it, and watch that.

The process may be killed, or take all memory: that costs this run and nothing else.
"""

import logging
import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from functools import partial

from django.conf import settings
from django.db import close_old_connections

from config.stack.parts import end_with_parent
from training.models import TrainingRun
from training.services import runs

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
ENDED_ITSELF = 0
"""Exit code of a process that has written how its run ended."""


def train_next() -> None:
    """Do the run that has waited longest, if none is being done."""
    run = runs.claim_next()
    if run is None:
        return
    process = subprocess.Popen(  # noqa: S603 - our own program, with ids of ours
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "train_run", str(run.pk)],
        env={**os.environ, "VOICETELL_RUN_LEASE": str(run.lease)},
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=partial(_prepare, os.getpid()),
    )
    try:
        _watch(run, process)
    finally:
        _kill(process)
    if process.returncode != ENDED_ITSELF and not runs.end_cancelled(run):
        log.warning("%s: its process ended with %s", run.name, process.returncode)
        runs.lost(run)
    run.refresh_from_db(fields=["state"])
    if not run.is_open:
        shutil.rmtree(settings.RUNS_FOLDER / str(run.pk), ignore_errors=True)


def _prepare(parent: int) -> None:
    os.nice(settings.TRAIN_NICENESS)
    end_with_parent(parent, signal.SIGKILL)


def _watch(run: TrainingRun, process: "subprocess.Popen[bytes]") -> None:
    """Return when the process has ended, or is to end because its run was cancelled."""
    while process.poll() is None:
        close_old_connections()
        if not runs.keep_alive(run):
            return
        with suppress(subprocess.TimeoutExpired):
            process.wait(LOOK_SECONDS)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """End the process with everything that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
