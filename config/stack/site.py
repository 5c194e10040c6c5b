"""Everything that makes up a running Voicetell, in the order in which it starts."""

import errno
import hashlib
import http.client
import json
import os
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from config.stack import folders, redis
from config.stack.errors import StackError
from config.stack.parts import Part
from config.stack.paths import BASE_DIR, data_dir, is_configured, log_dir
from config.stack.services import start_services
from config.stack.supervisor import Stopped, Supervisor
from config.stack.terminal import Terminal

# One core a process: where each process of several starts a thread a core, all get slower.
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

_REGISTER = "voicetell:workers"
"""`detector.workers.REGISTER`, named again because that module brings Django with it."""


@dataclass(frozen=True)
class Site:
    """How to run it: where the site listens, and how many clips are judged at a time."""

    bind: str
    port: int
    predict_workers: int

    @property
    def address(self) -> str:
        """Host and port, as in a URL."""
        return f"[{self.bind}]:{self.port}" if ":" in self.bind else f"{self.bind}:{self.port}"

    @property
    def local_host(self) -> str:
        """Host by which this machine reaches the site."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.bind, self.bind)  # noqa: S104

    @property
    def url(self) -> str:
        """Address of the site for a person at this machine."""
        host = f"[{self.local_host}]" if ":" in self.local_host else self.local_host
        return f"http://{host}:{self.port}"

    def check_port(self) -> None:
        """See that the port is free.

        Raises
        ------
        StackError
            It is in use, or this machine has no such address.
        """
        family = socket.AF_INET6 if ":" in self.bind else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.bind, self.port))
            except PermissionError as error:
                raise StackError(
                    f"This user may not listen on port {self.port}: choose one above 1023 "
                    "with --port."
                ) from error
            except OSError as error:
                if isinstance(error, socket.gaierror) or error.errno != errno.EADDRINUSE:
                    raise StackError(
                        f"Cannot listen on {self.bind} ({error.strerror}): choose an address of "
                        "this machine with --bind."
                    ) from error
                raise StackError(
                    f"Port {self.port} is in use by another program: choose another one with "
                    f"--port, for example --port {self.port + 1}."
                ) from error

    def health(self) -> dict[str, object]:
        """What the site says of itself; empty while it does not answer."""
        connection = http.client.HTTPConnection(self.local_host, self.port, timeout=2)
        try:
            # As through a proxy: where HTTPS is asked for, plain requests are sent elsewhere.
            headers = {"Host": "localhost", "X-Forwarded-Proto": "https"}
            connection.request("GET", "/api/v1/health", headers=headers)
            response = connection.getresponse()
            body = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError):
            return {}
        finally:
            connection.close()
        return body if response.status == 200 and isinstance(body, dict) else {}


def _python(*words: str) -> list[str]:
    return [sys.executable, "-m", *words]


def _web(site: Site) -> Part:
    memory = Path("/dev/shm")  # noqa: S108 - gunicorn makes its own private file in it
    argv = _python("gunicorn", "config.wsgi", "--bind", site.address)
    argv += ["--worker-class", "gthread", "--workers", "2", "--threads", "32"]
    argv += ["--keep-alive", "15", "--timeout", "60", "--graceful-timeout", "8"]
    argv += ["--no-control-socket", "--logger-class", "config.gunicorn_log.ServerLog"]
    if os.access(memory, os.W_OK):
        # The workers' heartbeat is a file: on a slow disk it would stop them.
        argv += ["--worker-tmp-dir", str(memory)]
    return Part("web", argv, env=_ONE_THREAD, ready=lambda: bool(site.health()))


def _worker(queue: str, concurrency: int) -> list[str]:
    argv = _python("celery", "-A", "config", "worker", "--queues", queue)
    argv += ["--hostname", f"{queue}@%h", "--concurrency", str(concurrency)]
    # Workers have nothing to tell each other: the rows in the database say who does what.
    return [*argv, "--loglevel", "INFO", "--without-gossip", "--without-mingle"]


def _workers(site: Site) -> list[Part]:
    schedule = data_dir() / "beat-schedule"
    beat = _python("celery", "-A", "config", "beat", "--loglevel", "INFO")
    return [
        # Long enough for the clips in hand.
        Part("predict", _worker("predict", site.predict_workers), env=_ONE_THREAD, grace=30),
        # A run takes minutes and is taken up again from its row: stop at once, not at its end.
        Part("train", ["nice", *_worker("train", 1)], stop_signal=signal.SIGQUIT, grace=5),
        # One process: what it does is short, and decoding is confined in a process of its own.
        Part("extract", ["nice", *_worker("extract", 1), "--pool", "solo"], env=_ONE_THREAD),
        # Short jobs that mostly wait for the database or for other hosts: threads of one process.
        Part("upkeep", [*_worker("upkeep", 12), "--pool", "threads"], env=_ONE_THREAD),
        Part("beat", [*beat, "--schedule", str(schedule), "--pidfile", ""]),
    ]


def parts(site: Site) -> dict[str, Part]:
    """What runs all the time, by name: the same on one machine and on many."""
    return {part.name: part for part in [*_workers(site), _web(site)]}


def _manage(*words: str) -> list[str]:
    return [sys.executable, str(BASE_DIR / "manage.py"), *words]


def _static_digest() -> str:
    """Digest of what `collectstatic` collects: our files, and the packages' by their versions."""
    digest = hashlib.sha256()
    for name in ("uv.lock", "config/settings/site.py"):
        digest.update((BASE_DIR / name).read_bytes())
    for path in sorted((BASE_DIR / "static").rglob("*")):
        found = path.stat()
        digest.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _prepare(supervisor: Supervisor, terminal: Terminal) -> dict[str, str | None]:
    """Bring database, static files and model up to date; return the administrator."""
    with terminal.task("Bringing the database up to date"):
        supervisor.run("migrate", _manage("migrate", "--no-input"))
    stamp = data_dir() / "static.digest"
    digest = _static_digest()
    if not stamp.exists() or stamp.read_text() != digest:
        with terminal.task("Collecting the site's static files"):
            supervisor.run("collectstatic", _manage("collectstatic", "--no-input"))
        stamp.write_text(digest)
    with terminal.task("Registering the shipped model"):
        supervisor.run("register_model", _manage("register_model"))
    with terminal.task("Looking for an administrator"):
        # The answer may hold a password.
        said = supervisor.run("ensure_admin", _manage("ensure_admin"), logged=False)
    administrator: dict[str, str | None] = json.loads(said[-1])
    return administrator


def _start(site: Site, supervisor: Supervisor, terminal: Terminal) -> None:
    start_services(supervisor, terminal)
    if not is_configured("REDIS_URL"):
        # Workers that were killed seconds ago would still count as ready.
        redis.forget(_REGISTER)
    administrator = _prepare(supervisor, terminal)
    try:
        # The workers first: they load the model meanwhile. And so the web server stops first.
        for part in _workers(site):
            supervisor.start(part)
        with terminal.task("Starting the web server"):
            supervisor.start(_web(site))
        with terminal.task("Waiting for a worker with the model loaded"):
            supervisor.wait_until(
                lambda: site.health().get("workers", 0) != 0,
                timeout=120,
                missing=f"{log_dir() / 'predict.log'} says why no worker was ready",
            )
        terminal.say(f"\nVoicetell is at {site.url}")
    finally:
        # Also where the start is cut off here: nobody can ask for it again.
        if administrator["password"]:
            terminal.say(
                f"Log in as {administrator['email']} with the password "
                f"{administrator['password']} (shown only this once)"
            )
    terminal.say(f"Logs are in {log_dir()}. Ctrl-C stops everything.")


def run_site(site: Site) -> None:
    """Bring everything up and keep it running until a signal asks for the end.

    Raises
    ------
    StackError
        Something does not start; everything that had been started is stopped again.
    """
    terminal = Terminal()
    folders.prepare()
    # Parts run elsewhere than this process was called from.
    os.environ["VOICETELL_DATA"] = str(data_dir())
    os.environ["PYTHONUNBUFFERED"] = "1"
    with folders.hold_data_dir():
        site.check_port()
        try:
            with Supervisor(log_dir(), terminal) as supervisor:
                try:
                    _start(site, supervisor, terminal)
                    supervisor.keep_running()
                except Stopped:
                    terminal.say("Stopping; Ctrl-C again does not wait.")
        finally:
            terminal.say("Everything has stopped.")
