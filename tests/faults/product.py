"""The whole product on an empty folder, to be hurt: its processes, its ledger of clips."""

import os
import re
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).parents[2]
CLIP = (ROOT / "fixtures/clips/fake-flite.wav").read_bytes()
EMAIL = "faults@example.org"


class Product:
    """`./voicetell up` in a folder of its own."""

    def __init__(self, folder: Path, port: int, **env: str) -> None:
        self.folder = folder
        self.url = f"http://127.0.0.1:{port}"
        kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
        self.env = kept | {
            "VOICETELL_DATA": str(folder / "data"),
            "VOICETELL_MEDIA": str(folder / "media"),
            "VOICETELL_ADMIN_EMAIL": EMAIL,
            "VOICETELL_ADMIN_PASSWORD": "a sentence for this run only",
            **env,
        }
        with (folder / "up.log").open("w") as log:
            self.process = subprocess.Popen(
                [str(ROOT / "voicetell"), "up", "--port", str(port)],
                env=self.env,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        """What it has printed."""
        return (self.folder / "up.log").read_text()

    def wait(self) -> None:
        """Return when it is up."""
        while "Ctrl-C stops everything" not in self.said():
            if self.process.poll() is not None:
                sys.exit(self.said())
            time.sleep(0.2)

    def token(self) -> str:
        """Make a token."""
        argv = ["manage.py", "token", "create", "--email", EMAIL, "--name", "faults"]
        made = subprocess.run(
            [sys.executable, *argv],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            check=True,
        )
        return made.stdout.split()[-1]

    def pids(self, pattern: str) -> list[int]:
        """Processes of this product whose command line matches, the oldest first."""
        found = []
        mark = f"VOICETELL_DATA={self.folder / 'data'}".encode()
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                if re.search(pattern, command) and mark in (entry / "environ").read_bytes():
                    found.append(int(entry.name))
        return sorted(found)

    def postgres(self) -> int:
        """PostgreSQL's first process, which is of another user where we are root."""
        return int((self.folder / "data/postgres/postmaster.pid").read_text().split()[0])

    def stop(self) -> None:
        """Stop it in an orderly way."""
        self.process.terminate()
        self.process.wait(timeout=90)


@dataclass
class Ledger:
    """What was accepted, and which verdicts came."""

    url: str
    token: str
    accepted: set[str] = field(default_factory=set)
    verdicts: dict[str, str] = field(default_factory=dict)
    doubled: set[str] = field(default_factory=set)
    told_to_wait: int = 0
    """Requests that got 429 or 503 with `Retry-After`."""
    refused: int = 0
    """Requests that got another error or no answer; nothing was promised to them."""

    def send(self) -> str | None:
        """Send a clip; return its id if it was accepted."""
        row = self._ask("post", "/predict", data=CLIP, type="audio/wav")
        return str(row["id"]) if row else None

    def look(self, key: str) -> bool:
        """Whether a clip has its verdict now."""
        row = self._ask("get", f"/predictions/{key}")
        return bool(row) and key in self.verdicts

    @property
    def open(self) -> list[str]:
        """Accepted, and without a verdict that was seen."""
        return [key for key in list(self.accepted) if key not in self.verdicts]

    def _ask(
        self, method: str, path: str, type: str = "application/json", **more: Any
    ) -> dict[str, Any] | None:
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": type,
            "Prefer": "respond-async",
        }
        try:
            answer = requests.request(
                method, f"{self.url}/api/v1{path}", headers=headers, timeout=30, **more
            )
            row = answer.json()
        except (requests.RequestException, ValueError):
            self.refused += 1
            return None
        if answer.status_code in (429, 503) and "Retry-After" in answer.headers:
            self.told_to_wait += 1
            return None
        if answer.status_code not in (200, 202):
            self.refused += 1
            return None
        self._note(row)
        return dict(row)

    def _note(self, row: dict[str, Any]) -> None:
        self.accepted.add(row["id"])
        if row["status"] in ("queued", "running"):
            return
        verdict = f"{row['status']} {row['verdict']} {row['finished_at']}"
        if self.verdicts.setdefault(row["id"], verdict) != verdict:
            self.doubled.add(row["id"])
