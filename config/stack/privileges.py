"""Running PostgreSQL as somebody other than root, which it refuses to be run by."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from config.stack.errors import StackError

SERVICE_UID = 60_900
"""User of root's PostgreSQL: a number of its own, so that no other program, not even one that runs
as nobody, can read its data or reach its socket. systemd's table of users (UIDS-GIDS) leaves
60578-61183 unused."""

NOBODY_UID = 65_534
"""User of `initdb`, which insists on a user with a name."""

# Numbers of the capabilities in linux/capability.h. Reading and searching is all that is needed;
# a container usually has only the wider one.
_PASSAGE = {"dac_read_search": 2, "dac_override": 1}


def as_user(uid: int, argv: Sequence[str], *, paths: Sequence[Path]) -> list[str]:
    """Command line that runs `argv` as `uid` (and group `uid`).

    Where `paths` lie below a folder that is closed to others, as a checkout in ``/root`` does, the
    program also gets the capability to pass through, so that no such folder need be opened.

    Raises
    ------
    StackError
        ``setpriv`` is missing, or this root has no such capability to give.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise StackError(
            "PostgreSQL refuses to run as root, and setpriv (package util-linux) is not here to "
            "run it as another user: install it, run Voicetell as an ordinary user, or set "
            "DATABASE_URL."
        )
    # A change of user forgets the signal that comes when the supervisor dies: keep it.
    command = [setpriv, f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--pdeathsig=keep"]
    if not all(_is_open_to_others(path) for path in paths):
        capability = _passage_capability()
        command += [f"--inh-caps=+{capability}", f"--ambient-caps=+{capability}"]
        # access(2), by which PostgreSQL looks for its own files, else leaves capabilities out.
        command += ["--securebits=+no_setuid_fixup"]
    return [*command, "--", *argv]


def _is_open_to_others(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in path.resolve().parents)


def _passage_capability() -> str:
    status = Path("/proc/self/status").read_text()
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    permitted = int(fields["CapPrm"], 16)
    for name, number in _PASSAGE.items():
        if permitted >> number & 1:
            return name
    raise StackError(
        "PostgreSQL refuses to run as root, and another user cannot reach this folder: move the "
        "checkout out of it, run Voicetell as an ordinary user, or set DATABASE_URL."
    )


def is_root() -> bool:
    """Whether PostgreSQL has to be run as somebody else."""
    return os.geteuid() == 0
