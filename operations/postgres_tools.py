"""PostgreSQL's own programs, for this installation's database."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from django.db import connection

from config.stack.postgres import binary


class ToolError(Exception):
    """One of the programs failed; the text is what it said."""


_KEYWORDS = ("host", "port", "user", "dbname", "sslmode", "sslrootcert", "sslcert", "sslkey")


def run(name: str, *arguments: str) -> str:
    """Run `pg_dump` or `pg_restore` on the database; return what it printed.

    Raises
    ------
    ToolError
        It failed.
    """
    connection.ensure_connection()
    parameters = connection.get_connection_params()
    known = " ".join(f"{key}={_quoted(parameters[key])}" for key in _KEYWORDS if key in parameters)
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own program with words of ours
        [_program(name), f"--dbname={known}", *arguments],
        # Not on the command line, which every user of the machine can see.
        env={**os.environ, "PGPASSWORD": str(parameters.get("password") or "")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ToolError(f"{name}: {done.stderr.strip()[-2000:]}")
    return done.stdout


def _quoted(value: object) -> str:
    return "'" + str(value).replace("\\", r"\\").replace("'", r"\'") + "'"


def _program(name: str) -> str:
    """Return the program of the server's own release if the PATH has it, or else ours.

    Ours is of PostgreSQL 18, and reads every older server.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
        (server,) = cursor.fetchone()
    here = shutil.which(name)
    return here if here and _major(here) == server else str(binary(name))


def _major(program: str | Path) -> int:
    said = subprocess.run(  # noqa: S603 - found on the PATH by name
        [str(program), "--version"], capture_output=True, text=True, check=True
    ).stdout
    found = re.search(r"(\d+)", said)
    return int(found[1]) if found else 0
