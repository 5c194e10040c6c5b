"""Where the embedded services keep their data, and the URLs under which they are reached.

No Django here: `config.settings` imports this module.
"""

import hashlib
import os
import secrets
from pathlib import Path
from urllib.parse import quote

BASE_DIR = Path(__file__).resolve().parent.parent.parent

_SOCKET_PATH_LIMIT = 107
"""Bytes that Linux allows for the path of a Unix socket (`sun_path` less its final NUL)."""

_LONGEST_SOCKET = "postgres/.s.PGSQL.5432"


def data_dir() -> Path:
    """Folder of everything that the embedded stack keeps: `VOICETELL_DATA` or `.voicetell/`."""
    configured = os.environ.get("VOICETELL_DATA")
    return Path(configured).expanduser().resolve() if configured else BASE_DIR / ".voicetell"


def log_dir() -> Path:
    """Folder of the parts' logs, one file a part."""
    return data_dir() / "logs"


def is_configured(name: str) -> bool:
    """Whether a setting comes from the environment, as `NAME` or as `NAME_FILE`."""
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def socket_dir() -> Path:
    """Folder of the services' sockets: in the data folder, or in `/tmp` where that cannot be.

    A path may be too long for a socket, or have a comma, with which libpq ends a host's name.
    The folder in `/tmp` is named by user and data folder, so that two checkouts never meet in it;
    whoever makes it must see that it belongs to this user (`config.stack.folders`).
    """
    inside = data_dir() / "run"
    if _fits(inside):
        return inside
    digest = hashlib.sha256(os.fsencode(data_dir())).hexdigest()[:12]
    name = f"voicetell-{os.getuid()}-{digest}"
    # Not $TMPDIR: a command called from elsewhere has to find the same sockets.
    return Path("/tmp") / name  # noqa: S108 - private, see above


def _fits(folder: Path) -> bool:
    length = len(os.fsencode(folder / _LONGEST_SOCKET))
    return length <= _SOCKET_PATH_LIMIT and "," not in str(folder)


def postgres_socket_dir() -> Path:
    """Folder of PostgreSQL's socket, which belongs to the user that PostgreSQL runs as."""
    return socket_dir() / "postgres"


def redis_socket() -> Path:
    """Redis's socket."""
    return socket_dir() / "redis.sock"


def embedded_database_url() -> str:
    """`DATABASE_URL` of the embedded PostgreSQL, in the form that django-environ understands.

    The socket's folder is the first part of the path, percent-encoded: as a host it would be
    lower-cased.
    """
    return f"postgres://voicetell@/{quote(str(postgres_socket_dir()), safe='')}/voicetell"


def embedded_redis_url() -> str:
    """`REDIS_URL` of the embedded Redis, in the form that redis-py understands."""
    return f"unix://{quote(str(redis_socket()))}?db=0"


def secret_key() -> str:
    """Django's secret key: read from the data folder, made there (mode 0600) the first time."""
    path = data_dir() / "secret_key"
    try:
        return path.read_text()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and linked into place: of two processes that start at once, the first one's
    # key wins, and nobody ever reads half of it.
    draft = path.with_name(f"secret_key.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(50))
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text()
