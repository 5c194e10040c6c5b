"""The folders of the embedded stack: made, checked, and held by one instance at a time."""

import fcntl
import os
import stat
import time
from pathlib import Path
from typing import IO

from config.stack.errors import StackError
from config.stack.paths import data_dir, log_dir, socket_dir


def prepare() -> None:
    """Make the data, log and socket folders, private to this user.

    Raises
    ------
    StackError
        A folder cannot be written, or belongs to somebody else.
    """
    # Root's PostgreSQL runs as another user, who has to pass through to a folder of its own.
    mode = 0o711 if os.geteuid() == 0 else 0o700
    _own_folder(data_dir(), mode)
    _own_folder(socket_dir(), mode)
    _own_folder(log_dir(), 0o700)


def _own_folder(path: Path, mode: int) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
        found = path.lstat()
        # Somebody else's folder (or link) under /tmp would give them our sockets.
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise StackError(
                f"{path} belongs to user {found.st_uid}, and this is user {os.geteuid()}: "
                "run as its owner, or set VOICETELL_DATA to another folder."
            )
        path.chmod(mode)
        probe = path / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise StackError(
            f"Cannot write in {path} ({error.strerror}): "
            "set VOICETELL_DATA to a folder that this user may write."
        ) from error


def hold_data_dir() -> IO[str]:
    """Take the data folder for this instance; it is free again when the file is closed.

    Raises
    ------
    StackError
        Another running instance holds it.
    """
    file = (data_dir() / "lock").open("a+")
    # Where the holder was killed, its guard holds on until the parts are gone.
    deadline = time.monotonic() + 15
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip()
        if Path("/proc", holder or "unknown").exists() or time.monotonic() > deadline:
            file.close()
            raise StackError(
                f"The data folder {data_dir()} is in use by another Voicetell (process {holder}): "
                "stop that one, or set VOICETELL_DATA to another folder."
            )
        time.sleep(0.2)
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file
