"""What is wrong with an installation, and how to mend it. Each check looks at one thing."""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from uuid import uuid4

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.mail import get_connection
from django.db import connection as database
from django.utils import timezone

from config.stack.paths import data_dir, is_configured
from detector import workers
from detector.wakeup import connection as redis_connection
from operations.probes import unapplied
from operations.tally import text
from operations.tasks_watch import LAST_WELL
from training.models import AliasName
from training.selectors import version_for

LEAST_FREE_BYTES = 2 * 1024**3
MOST_SKEW_SECONDS = 2
SWEEP_SILENCE_SECONDS = 60


class Grade(StrEnum):
    """How bad it is."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found."""

    about: str
    grade: Grade
    words: str
    mend: str = ""


def examine() -> Iterator[Finding]:
    """Run every check; one that fails in a way that nobody foresaw says so itself."""
    for about, check, mend in CHECKS:
        try:
            yield from (Finding(about, *found) for found in check())
        except Exception as error:
            yield Finding(about, Grade.BAD, f"{type(error).__name__}: {error}".strip(), mend)


Found = Iterator[tuple[Grade, str] | tuple[Grade, str, str]]


def _postgres() -> Found:
    with database.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), now()")
        version, now = cursor.fetchone()
    yield Grade.GOOD, f"PostgreSQL {version}"
    skew = abs((timezone.now() - now).total_seconds())
    if skew > MOST_SKEW_SECONDS:
        yield (
            Grade.BAD,
            f"its clock and this machine's differ by {skew:.0f} s",
            "Set both by NTP: leases and ends of links are compared across machines.",
        )


def _migrations() -> Found:
    if missing := unapplied():
        yield Grade.BAD, f"{len(missing)} are missing: {', '.join(missing)}", "./voicetell setup"
    else:
        yield Grade.GOOD, "the database is as new as the code"


def _redis() -> Found:
    client = redis_connection()
    yield Grade.GOOD, f"Redis {client.info('server')['redis_version']}"
    policy = client.info("memory").get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        yield (
            Grade.WARNING,
            f"it drops what it holds when memory is short ({policy})",
            "CONFIG SET maxmemory-policy noeviction: the queue is among what it holds.",
        )


def _storage() -> Found:
    name = f"doctor/{uuid4()}"
    written = default_storage.save(name, ContentFile(b"written by the doctor"))
    try:
        with default_storage.open(written) as file:
            same = file.read() == b"written by the doctor"
    finally:
        default_storage.delete(written)
    if same:
        yield Grade.GOOD, "files can be written, read and deleted"
    else:
        yield (
            Grade.BAD,
            "what was written is not what is read",
            "Look for a cache before the store.",
        )


def _disk() -> Found:
    for path in {data_dir(), settings.MEDIA_ROOT}:
        if path.exists():
            free = shutil.disk_usage(path).free
            words = f"{free / 1024**3:.1f} GB are free for {path}"
            if free < LEAST_FREE_BYTES:
                yield Grade.BAD, words, "Make room, or set shorter retention."
            else:
                yield Grade.GOOD, words


def _workers() -> Found:
    if warm := workers.count():
        yield Grade.GOOD, f"{warm} predict processes have the model loaded"
    else:
        yield (
            Grade.BAD,
            "no predict worker is alive, so clips wait",
            "Start `./voicetell up`, or `./voicetell part predict` on a worker's host; "
            "its log says why it ended.",
        )


def _sweep() -> Found:
    last = redis_connection().hget(LAST_WELL, "detector.sweep")
    silent = redis_connection().time()[0] - float(text(last)) if last else None
    if silent is not None and silent < SWEEP_SILENCE_SECONDS:
        yield Grade.GOOD, f"the last one ended {max(silent, 0):.0f} s ago"
    else:
        yield (
            Grade.BAD,
            "nobody takes up what was lost, and nothing is erased",
            "Start `./voicetell part beat` (one) and `./voicetell part upkeep`.",
        )


def _champion() -> Found:
    version = version_for(AliasName.CHAMPION)
    if version is None:
        yield Grade.BAD, "there is none, so nothing can be judged", "./voicetell register_model"
        return
    with version.artifact.open("rb") as file:
        same = hashlib.file_digest(file, "sha256").hexdigest() == version.artifact_sha256
    if same:
        yield Grade.GOOD, f"{version.name}, and its file is the registered one"
    else:
        yield (
            Grade.BAD,
            f"the file of {version.name} was changed, and no worker will load it",
            "Restore it from a backup, or roll back on the Models page.",
        )


def _safety() -> Found:
    flaws = list(_flaws())
    yield from flaws or [(Grade.GOOD, "the settings hold nothing known to be unsafe")]


def _flaws() -> Found:
    if settings.DEBUG:
        yield Grade.BAD, "VOICETELL_DEBUG shows the insides of the site", "Unset it."
    if len(settings.SECRET_KEY) < 32:
        yield Grade.BAD, "the secret key is short", "Set VOICETELL_SECRET_KEY to 50 random letters."
    apart = is_configured("DATABASE_URL") or is_configured("REDIS_URL")
    if apart and not is_configured("VOICETELL_SECRET_KEY"):
        yield (
            Grade.WARNING,
            "the secret key lies in this machine's data folder only",
            "Set VOICETELL_SECRET_KEY to the same on every host.",
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield (
            Grade.BAD,
            "the site answers under every name",
            "Name its hosts in VOICETELL_ALLOWED_HOSTS.",
        )
    local = {"localhost", "127.0.0.1", "[::1]"}
    if not set(settings.ALLOWED_HOSTS) <= local and not settings.HTTPS:
        yield (
            Grade.WARNING,
            "others reach it, and not by HTTPS",
            "Put a proxy with HTTPS before it, and set VOICETELL_HTTPS=true.",
        )


def _mail() -> Found:
    if not settings.SENDS_MAIL:
        yield Grade.WARNING, "none is sent: lost passwords need an administrator", "Set EMAIL_URL."
        return
    with get_connection(timeout=5):
        yield Grade.GOOD, "the mail server lets us in"


CHECKS: tuple[tuple[str, Callable[[], Found], str], ...] = (
    ("database", _postgres, "Start PostgreSQL, or mend DATABASE_URL."),
    ("migrations", _migrations, "Mend the database first."),
    ("redis", _redis, "Start Redis, or mend REDIS_URL."),
    ("storage", _storage, "Mend STORAGE_URL or the folder's owner: the error names what failed."),
    ("disk", _disk, "See that the folders can be reached."),
    ("workers", _workers, "Mend Redis first."),
    ("sweep", _sweep, "Mend Redis first."),
    ("champion", _champion, "Restore the file from a backup, or roll back on the Models page."),
    ("safety", _safety, "Read docs/settings.md."),
    ("e-mail", _mail, "Mend EMAIL_URL; the error is the mail server's."),
)
"""What is looked at, how, and what to do where the look itself fails."""
