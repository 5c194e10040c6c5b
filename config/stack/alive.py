"""`python -m config.stack.alive`: whether this container is alive.

No Django, because it is asked often.
Workers and the beat touch a file every few seconds (`operations.alive`); the web server answers.
"""

import http.client
import os
import sys
import time
from pathlib import Path

LONGEST = 60
"""Seconds between two signs of life, at most."""


def problem(file: Path | None, port: int) -> str | None:
    """Return what is wrong, or None. Where there is no file, there is a web server."""
    if file is not None and file.exists():
        silent = time.time() - file.stat().st_mtime
        return f"no sign of life for {silent:.0f} s" if silent > LONGEST else None
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
    except OSError as error:
        return f"no answer on port {port} ({error})"
    finally:
        connection.close()
    return None if status == 200 else f"the web server answers {status}"


def main() -> int:
    """Print what is wrong; return the exit status."""
    named = os.environ.get("VOICETELL_ALIVE_FILE")
    found = problem(Path(named) if named else None, port=8000)
    if found:
        sys.stderr.write(f"{found}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
