"""What follows when work on a stranger's audio fails: another try, or an end with a code."""

import logging
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings

from detector.engine.errors import ClipError, DecoderCrashedError

log = logging.getLogger(__name__)

CRASHES_BEFORE_FAILED = 2


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
        case StorageError():
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
