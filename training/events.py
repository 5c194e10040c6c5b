"""What is told of runs: to other systems, to people, and to the retraining log.

Called in the transaction in which it happens.
"""

import logging
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Notice
from accounts.notices import notify
from training.models import ModelVersion, TrainingRun
from webhooks.models import EventType
from webhooks.services import emit

log = logging.getLogger("voicetell.retraining")


def run_ended(run: TrainingRun) -> None:
    """Tell who started a run that it is done or has failed."""
    run.refresh_from_db()
    tell_log(run, f"ended: {run.state}", state=run.state, error=run.error_code)
    done = run.version is not None
    event = EventType.RUN_DONE if done else EventType.RUN_FAILED
    emit(event, lambda: _run(run), owner_id=run.started_by_id)
    if run.started_by:
        outcome = str(run.version) if done else run.error_code
        notify(
            [run.started_by],
            Notice.RUN_ENDED,
            subject=(_("%s is done") if done else _("%s has failed")) % run.name,
            text=_("The training run %(run)s has ended: %(outcome)s.")
            % {"run": run.name, "outcome": outcome},
        )


def tell_log(run: TrainingRun, text: str, **facts: object) -> None:
    """Write a line about a run into the retraining log."""
    log.info("%s: %s", run.name, text, extra={"run": str(run.pk), "attempt": run.attempts, **facts})


def version_promoted(version: ModelVersion, *, former: ModelVersion | None, reason: str) -> None:
    """Tell everybody who listens that another version judges."""
    content: dict[str, Any] = {
        "model_version": version.name,
        "former": former.name if former else None,
        "reason": reason,
    }
    log.info("%s is champion now", version.name, extra=content)
    emit(EventType.VERSION_PROMOTED, lambda: content, owner_id=None)


def _run(run: TrainingRun) -> dict[str, Any]:
    return {
        "id": str(run.pk),
        "name": run.name,
        "state": run.state,
        "model_version": run.version.name if run.version else None,
        "gate_passed": run.gate.passed if run.gate else None,
        "error_code": run.error_code or None,
    }
