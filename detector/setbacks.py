"""What follows when work on a stranger's audio fails: another try, or an end with a code."""

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Any, Protocol

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.utils import timezone

from detector.engine.errors import ClipError, DecoderCrashedError

log = logging.getLogger(__name__)

CRASHES_BEFORE_FAILED = 2
PATIENCE = timedelta(hours=1)
"""How long a clip waits for a storage that is out of reach."""


class StorageError(Exception):
    """The storage is out of reach; the clip is not to blame."""

    code = "storage_unavailable"


class ModelMissingError(StorageError):
    """The version's artifact is not in the storage: a backup or an operator may bring it back."""

    code = "model_missing"


class Again(Enum):
    """When another try may help."""

    AT_ONCE = "at once"
    LATER = "later"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Setback:
    """Whether to try again, and with which of `detector.messages.PROBLEMS` it ends if not."""

    again: Again
    code: str
    params: dict[str, Any] = field(default_factory=dict)


class Services(Protocol):
    """The writes that end a claim: those of `detector.services`, for one."""

    def give_back(self, row: Any, /) -> None:
        """Queue it again at once."""

    def postpone(self, row: Any, /) -> None:
        """Queue it again for later, as if it had not been claimed."""

    def fail(self, row: Any, /, *, code: str, params: dict[str, Any] | None = None) -> bool:
        """End it with a problem's code."""


def settle(row: Any, error: Exception, *, services: Services) -> None:
    """Queue a claimed row again, or let it fail, as the error that ended the work asks for."""
    found = setback(error, about=f"{row._meta.verbose_name} {row.pk}", attempts=row.attempts)
    if found.again is Again.AT_ONCE:
        services.give_back(row)
    elif found.again is Again.LATER and timezone.now() - row.created_at < PATIENCE:
        services.postpone(row)
    else:
        services.fail(row, code=found.code, params=found.params)


def setback(error: Exception, *, about: str, attempts: int) -> Setback:
    """Tell what an error means for the work, and write it to the log.

    Parameters
    ----------
    about : str
        What was worked on, for the log.
    attempts : int
        Tries so far, this one included.
    """
    found = _found(error, attempts)
    # An error that is the file's own says all by its code.
    unforeseen = not isinstance(error, (ClipError, SoftTimeLimitExceeded))
    log.log(
        logging.ERROR if unforeseen else logging.INFO,
        "%s: %s, to be tried again: %s",
        about,
        found.code,
        found.again.value,
        exc_info=error if unforeseen else None,
    )
    return found


def _found(error: Exception, attempts: int) -> Setback:
    match error:
        case StorageError() | ClipError(code=StorageError.code):
            return Setback(Again.LATER, error.code)
        case DecoderCrashedError():
            return Setback(_until(CRASHES_BEFORE_FAILED, attempts), error.code, error.params)
        case ClipError():
            return Setback(Again.NEVER, error.code, error.params)
        case SoftTimeLimitExceeded():
            # What decodes within its limits is no slow clip: this machine has too much to do now.
            return Setback(_until(settings.MAX_ATTEMPTS, attempts), "judging_timeout")
        case FileNotFoundError():
            return Setback(Again.NEVER, "audio_missing")
        case _:
            return Setback(Again.NEVER, "internal_error")


def _until(most: int, attempts: int) -> Again:
    return Again.AT_ONCE if attempts < most else Again.NEVER
