"""The beat, which a clock that is set back does not stop."""

from typing import Any

from celery.beat import PersistentScheduler


class Scheduler(PersistentScheduler):
    """Celery's own, but what was last done in the future counts as done now.

    Celery's would wait until the clock is where it was before: for an hour, if somebody set it
    back by an hour, nothing that was lost would be taken up.
    """

    def tick(self, *args: Any, **options: Any) -> float:
        """Do one thing that is due; return how many seconds may pass until the next look."""
        now = self.app.now()
        ahead = [entry for entry in self.schedule.values() if entry.last_run_at > now]
        for entry in ahead:
            entry.last_run_at = now
        if ahead:
            self._heap = None  # the order of what comes next is worked out anew
        return float(super().tick(*args, **options))
