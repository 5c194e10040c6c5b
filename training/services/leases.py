"""Who works on a row that waits for a worker. The row is the truth, as with predictions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

from django.conf import settings
from django.db.models import F, Model, Q, QuerySet
from django.db.models.functions import Now

QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Leases(Generic[Row]):
    """Claims on rows with the columns `attempts`, `lease`, `lease_expires_at`, `sent_at`.

    Attributes
    ----------
    rows : callable
        Gives the rows that may be worked on.
    state : str
        The column that says how far the work is.
    length : timedelta
        After which a worker counts as gone.
    send : callable
        Puts a task for a row on the queue.
    """

    rows: Callable[[], QuerySet[Row]]
    state: str
    length: timedelta
    send: Callable[[UUID], None]

    def claim(self, row_id: UUID) -> Row | None:
        """Take a lease on a row that waits, or whose worker is gone; None if it is taken."""
        lease = uuid4()
        waits = Q(**{self.state: QUEUED})
        is_left = Q(**{self.state: RUNNING}, lease_expires_at__lt=Now())
        taken = (
            self.rows()
            .filter(waits | is_left, pk=row_id, attempts__lt=settings.MAX_ATTEMPTS)
            .update(
                **{self.state: RUNNING},
                lease=lease,
                lease_expires_at=Now() + self.length,
                attempts=F("attempts") + 1,
            )
        )
        return self.rows().get(pk=row_id, lease=lease) if taken else None

    def renew(self, row: Row) -> bool:
        """Hold a row for longer, of which something was done: False if the lease was lost.

        Attempts count from there: only what gets nowhere is given up.
        """
        held = self._held(row).update(lease_expires_at=Now() + self.length, attempts=1)
        return bool(held)

    def finish(self, row: Row, **found: Any) -> bool:
        """Write what was found, once: False if the lease was lost and somebody else owns it now."""
        return self._end(row, DONE, error_code="", error_params={}, **found)

    def fail(self, row: Row, *, code: str, params: dict[str, Any] | None = None) -> bool:
        """End the work with a problem's code; False if the lease was lost."""
        return self._end(row, FAILED, error_code=code, error_params=params or {})

    def give_back(self, row: Row) -> None:
        """Queue a claimed row again at once, instead of when its lease ends."""
        if self._end(row, QUEUED, sent_at=Now()):
            self.send(row.pk)

    def postpone(self, row: Row) -> None:
        """Queue a claimed row for later, as if it had not been claimed: the sweep sends it."""
        self._end(row, QUEUED, sent_at=Now(), attempts=F("attempts") - 1)

    def _held(self, row: Row) -> QuerySet[Row]:
        lease = row.lease  # type: ignore[attr-defined]  # as the class asks for
        return self.rows().filter(**{self.state: RUNNING}, pk=row.pk, lease=lease)

    def _end(self, row: Row, state: str, **fields: Any) -> bool:
        ended = self._held(row).update(
            **{self.state: state}, lease=None, lease_expires_at=None, **fields
        )
        return bool(ended)
