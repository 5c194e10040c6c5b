"""The product on five hosts of one machine: `python -m tests.hosts` (as root, on Linux).

PostgreSQL, Redis and an S3 server on one, the web on another, workers on three. A host is cut off
and brought back, one is added under load and taken away again, and the host of the data falls off
the network. Nothing that was accepted may be lost or judged twice; ends with 1 if it was.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import boto3
import requests

from config.stack import postgres, redis
from tests.faults.product import EMAIL, ROOT, Ledger
from tests.hosts.network import PREFIX, Host, make_bridge, remove_bridge

DATA, WEB = f"{PREFIX}.2", f"{PREFIX}.3"
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
S3 = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ENDPOINT_URL": f"http://{DATA}:5000",
}
ENV = {
    "PATH": os.environ["PATH"],
    "LC_ALL": "C.UTF-8",
    "PYTHONPATH": str(ROOT),
    "OMP_NUM_THREADS": "1",
    "DATABASE_URL": f"postgres://voicetell@{DATA}:5432/voicetell",
    "REDIS_URL": f"redis://{DATA}:6379/0",
    "STORAGE_URL": "s3://voicetell/site",
    "VOICETELL_SECRET_KEY": "the same on every host, and for this run only",
    "VOICETELL_ALLOWED_HOSTS": WEB,
    "VOICETELL_RATE_LIMIT": "0",
    "VOICETELL_ADMIN_EMAIL": EMAIL,
    "VOICETELL_ADMIN_PASSWORD": "a sentence for this run only",
    **S3,
}
PATIENCE = 240
began = time.monotonic()


def say(text: str) -> None:
    """Print a line of the log."""
    print(f"{time.monotonic() - began:6.1f} s  {text}", flush=True)


def until(condition: Callable[[], Any], what: str) -> float:
    """Wait for something; return for how many seconds."""
    started = time.monotonic()
    while True:
        with suppress(OSError, requests.RequestException):
            if condition():
                return time.monotonic() - started
        if time.monotonic() > started + PATIENCE:
            raise SystemExit(f"not within {PATIENCE} s: {what}")
        time.sleep(0.2)


def start_data(host: Host) -> None:
    """PostgreSQL, Redis and S3, open to the network of this run."""
    cluster = host.folder / "postgres"
    cluster.mkdir()
    shutil.chown(cluster, 65534, 65534)
    initdb = (*NOBODY, str(postgres.binary("initdb")), "-D", str(cluster))
    host.run(*initdb, "--username=voicetell", "--auth=trust", "--encoding=UTF8", "--locale=C")
    with (cluster / "pg_hba.conf").open("a") as rules:
        rules.write(f"host all all {PREFIX}.0/24 trust\n")
    server = (*NOBODY, str(postgres.binary("postgres")), "-D", str(cluster))
    host.start(*server, "-c", f"listen_addresses={DATA}", "-c", "unix_socket_directories=")
    options = ("--bind", DATA, "--protected-mode", "no", "--save", "", "--appendonly", "no")
    host.start(redis.command()[0], *options, log="redis.log")
    host.start(sys.executable, "-m", "moto.server", "-H", DATA, "-p", "5000", log="s3.log")
    ready = (str(postgres.binary("pg_isready")), "-q", "-h", DATA)
    until(lambda: not subprocess.run(ready, check=False).returncode, "PostgreSQL")
    make = (str(postgres.binary("psql")), "-h", DATA, "-U", "voicetell", "-d", "postgres")
    host.run(*make, "-c", "CREATE DATABASE voicetell")
    until(lambda: requests.get(S3["AWS_ENDPOINT_URL"], timeout=5).ok, "S3")
    boto3.client("s3").create_bucket(Bucket="voicetell")


def worker(host: Host, queue: str, *more: str) -> subprocess.Popen[bytes]:
    """Start a worker as `up` does."""
    argv = ["-A", "config", "worker", "--queues", queue, "--hostname", f"{queue}@{host.name}"]
    argv += ["--concurrency", "1", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    return host.start(sys.executable, "-m", "celery", *argv, *more, log=f"{queue}.log")


def start_web(host: Host) -> str:
    """Migrate, register the model, start the web server; return a token."""
    for words in (("migrate", "--no-input"), ("register_model",), ("ensure_admin",)):
        host.run(sys.executable, "manage.py", *words)
    host.run(sys.executable, "manage.py", "collectstatic", "--no-input")
    made = host.run(sys.executable, "manage.py", *f"token create --email {EMAIL} --name x".split())
    options = ["--bind", f"{WEB}:8000", "--worker-class", "gthread", "--threads", "16"]
    host.start(sys.executable, "-m", "gunicorn", "config.wsgi", *options, "--no-control-socket")
    until(lambda: requests.get(f"http://{WEB}:8000/healthz", timeout=5).ok, "the web server")
    return made.split()[-1]


def judged(host: Host) -> int:
    """How many clips a host has judged."""
    return host.said("predict.log").count("detector.judge[") // 2


def send_on(ledger: Ledger, stop: threading.Event) -> None:
    """Send clips, never more than twenty that wait."""
    while not stop.is_set():
        if len(ledger.open) < 20:
            ledger.send()
        for key in ledger.open[:5]:
            ledger.look(key)


def play(hosts: dict[str, Host]) -> Ledger:
    """The whole story."""
    start_data(hosts["data"])
    say("data: PostgreSQL, Redis and S3 run")
    ledger = Ledger(f"http://{WEB}:8000", start_web(hosts["web"]))
    say("web: migrated, model registered, serving")
    worker(hosts["train"], "train")
    worker(hosts["train"], "upkeep", "--pool", "threads")
    beat = ("-m", "celery", "-A", "config", "beat", "--schedule", str(hosts["train"].folder / "b"))
    hosts["train"].start(sys.executable, *beat, log="beat.log")
    worker(hosts["one"], "predict")
    first = ledger.send()
    assert first is not None
    until(lambda: ledger.look(first), "the first verdict")
    (copy,) = (hosts["one"].folder / "data/models").iterdir()
    matches = hashlib.sha256(copy.read_bytes()).hexdigest() == copy.stem
    say(f"one: first verdict; its copy of the model has the sha256 of its name: {matches}")

    stop = threading.Event()
    sender = threading.Thread(target=send_on, args=(ledger, stop))
    sender.start()
    try:
        until(lambda: len(ledger.verdicts) > 15, "verdicts under load")
        added = worker(hosts["two"], "predict")
        until(lambda: judged(hosts["two"]) > 5, "the second host")
        say(
            f"two: added under load; judged so far: one {judged(hosts['one'])}, two "
            f"{judged(hosts['two'])}"
        )

        hosts["one"].pull_cable()
        before, one = set(ledger.open), judged(hosts["one"])
        seconds = until(lambda: not before & set(ledger.open), "what waited at the cut")
        say(f"one: cut off; the {len(before)} open clips had verdicts {seconds:.0f} s later")
        hosts["one"].plug_in()
        seconds = until(lambda: judged(hosts["one"]) > one + 2, "the first host again")
        say(f"one: plugged in; judges again after {seconds:.0f} s")

        hosts["data"].pull_cable()
        time.sleep(20)
        hosts["data"].plug_in()
        after = len(ledger.verdicts)
        seconds = until(lambda: len(ledger.verdicts) > after + 5, "verdicts after the data's cut")
        say(f"data: cut off for 20 s; verdicts again {seconds:.0f} s after it was back")

        added.terminate()
        seconds = until(lambda: added.poll() is not None, "the end of the second host's worker")
        say(f"two: asked to go under load; gone after {seconds:.0f} s, status {added.returncode}")
    finally:
        stop.set()
        sender.join()
    until(lambda: all(map(ledger.look, ledger.open)), "the last verdicts")
    for key in list(ledger.verdicts):
        ledger.look(key)
    say(f"judged by one {judged(hosts['one'])}, by two {judged(hosts['two'])}")
    return ledger


def main() -> int:
    """Build the hosts, play, take all away."""
    os.environ.update(S3)
    folder = Path(tempfile.mkdtemp(prefix="vt-hosts-"))
    folder.chmod(0o755)
    hosts: dict[str, Host] = {}
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    make_bridge()
    try:
        for number, name in enumerate(("data", "web", "one", "two", "train"), 2):
            hosts[name] = Host(name, number, folder, ENV)
        ledger = play(hosts)
    finally:
        for host in reversed(hosts.values()):
            host.remove()
        remove_bridge()
    failed = [verdict for verdict in ledger.verdicts.values() if verdict.startswith("failed")]
    say(
        f"accepted {len(ledger.accepted)}, verdicts {len(ledger.verdicts)} (failed {len(failed)}), "
        f"lost {len(ledger.open)}, doubled {len(ledger.doubled)}; "
        f"{ledger.told_to_wait + ledger.refused} got an error or no answer"
    )
    shutil.rmtree(folder, ignore_errors=True)
    return int(bool(ledger.open or ledger.doubled or failed))


if __name__ == "__main__":
    sys.exit(main())
