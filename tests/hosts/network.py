"""Hosts on one machine: network namespaces on a bridge, each with a folder of its own."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
BRIDGE = "vt-bridge"
PREFIX = "10.77.0"


def ip(*words: str, check: bool = True) -> None:
    """Call `ip`."""
    subprocess.run(["ip", *words], check=check, capture_output=not check)


class Host:
    """One host: an address, a cable that can be pulled, programs."""

    def __init__(self, name: str, number: int, folder: Path, env: dict[str, str]) -> None:
        self.name = name
        self.namespace, self.cable = f"vt-{name}", f"vt-c{number}"
        self.address = f"{PREFIX}.{number}"
        self.folder = folder / name
        self.folder.mkdir()
        self.env = env | {"VOICETELL_DATA": str(self.folder / "data")}
        self._programs: list[subprocess.Popen[bytes]] = []
        ip("netns", "add", self.namespace)
        ip(
            "link",
            "add",
            self.cable,
            "type",
            "veth",
            "peer",
            "name",
            "eth0",
            "netns",
            self.namespace,
        )
        ip("link", "set", self.cable, "master", BRIDGE, "up")
        for words in (
            ("link", "set", "lo", "up"),
            ("address", "add", f"{self.address}/24", "dev", "eth0"),
            ("link", "set", "eth0", "up"),
        ):
            ip("-n", self.namespace, *words)

    def start(self, *argv: str, log: str = "", **env: str) -> subprocess.Popen[bytes]:
        """Start a program on this host."""
        with (self.folder / (log or f"{len(self._programs)}.log")).open("ab") as output:
            program = subprocess.Popen(
                ["ip", "netns", "exec", self.namespace, *argv],
                cwd=ROOT,
                env=self.env | env,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._programs.append(program)
        return program

    def run(self, *argv: str) -> str:
        """Run a program on this host to its end."""
        done = subprocess.run(
            ["ip", "netns", "exec", self.namespace, *argv],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{self.name}: {' '.join(argv)}\n{done.stdout}{done.stderr}")
        return done.stdout

    def pull_cable(self) -> None:
        """Cut the host off."""
        ip("link", "set", self.cable, "down")

    def plug_in(self) -> None:
        """Bring it back."""
        ip("link", "set", self.cable, "up")

    def said(self, log: str) -> str:
        """What a program has printed."""
        return (self.folder / log).read_text(errors="replace")

    def remove(self) -> None:
        """End its programs and take it off the network."""
        for program in self._programs:
            with suppress(ProcessLookupError):
                os.killpg(program.pid, signal.SIGTERM)
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline and any(p.poll() is None for p in self._programs):
            time.sleep(0.1)
        for program in self._programs:
            with suppress(ProcessLookupError):
                os.killpg(program.pid, signal.SIGKILL)
            program.wait()
        ip("netns", "del", self.namespace, check=False)


def make_bridge() -> None:
    """Make the switch; this machine is on it too, as the one who sends clips."""
    ip("link", "add", BRIDGE, "type", "bridge")
    ip("address", "add", f"{PREFIX}.1/24", "dev", BRIDGE)
    ip("link", "set", BRIDGE, "up")


def remove_bridge() -> None:
    """Take it away, with what is left on it."""
    ip("link", "del", BRIDGE, check=False)
