"""Kills one part of a running product after the other: `python -m tests.faults --rounds 3`.

Starts `./voicetell up` on an empty folder and sends clips without a pause. What was accepted and
got no verdict is lost; a verdict that changes afterwards is doubled. Prints a table, and ends with
1 if anything was lost or doubled, or a part took longer than a minute to recover.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from redis import Redis

from tests.e2e.processes import free_port
from tests.faults.product import Ledger, Product

RECOVERY_SECONDS = 60
GIVE_UP_SECONDS = 240
SENDERS = 2
BURST = 300
MOST_QUEUED = 150
QUIET_SECONDS = 5
"""Between two faults, in which clips come and go as always."""


def kill(*pids: int) -> None:
    """`kill -9`."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def empty_redis(product: Product, _: Ledger) -> None:
    """Lose every message, counter and waiting program."""
    with Redis(unix_socket_path=str(product.folder / "data/run/redis.sock")) as redis:
        redis.flushall()


def send_many(_: Product, ledger: Ledger) -> None:
    """Send ten times as many clips as two cores judge in a second, twice as many as may wait."""
    with ThreadPoolExecutor(16) as pool:
        for _ in range(BURST):
            pool.submit(ledger.send)


Fault = Callable[[Product, Ledger], None]

FAULTS: dict[str, Fault] = {
    "web: one process": lambda product, _: kill(product.pids("gunicorn")[1]),
    "web: all": lambda product, _: kill(*product.pids("gunicorn")),
    "predict worker: one process": lambda product, _: kill(product.pids("--queues predict")[-1]),
    "predict worker: all": lambda product, _: kill(*product.pids("--queues predict")),
    "upkeep worker": lambda product, _: kill(*product.pids("--queues upkeep")),
    "train and extract workers": lambda product, _: kill(*product.pids("--queues (train|extract)")),
    "beat": lambda product, _: kill(*product.pids("celery -A config beat")),
    "Redis": lambda product, _: kill(*product.pids("redis-server")),
    "Redis emptied": empty_redis,
    "nothing, but 300 clips come at once": send_many,
    "PostgreSQL": lambda product, _: kill(product.postgres()),
}


def main() -> int:
    """Run, print, say whether all is well."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", default="", help="faults whose names hold this")
    options = parser.parse_args()

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the product is stopped too
    folder = Path(tempfile.mkdtemp(prefix="vt-faults-"))
    folder.chmod(0o755)
    product = Product(
        folder,
        free_port(),
        VOICETELL_RATE_LIMIT="0",
        VOICETELL_MAX_QUEUED_PER_USER=str(MOST_QUEUED),
    )
    try:
        product.wait()
        ledger = Ledger(product.url, product.token())
        bad = torment(product, ledger, options.rounds, options.only)
    finally:
        product.stop()
    shutil.rmtree(folder, ignore_errors=True)
    return int(bad)


def torment(product: Product, ledger: Ledger, rounds: int, only: str) -> bool:
    """Send clips and bring about every fault in turn; return whether a promise was broken."""
    stop = threading.Event()
    senders = [threading.Thread(target=send_on, args=(ledger, stop)) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()
    recoveries: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, fault in FAULTS.items():
            if only in name:
                time.sleep(QUIET_SECONDS)
                recoveries.setdefault(name, []).append(recovery(product, ledger, fault))
                print(f"{name}: {recoveries[name][-1]:.1f} s", file=sys.stderr, flush=True)
    stop.set()
    for sender in senders:
        sender.join()

    deadline = time.monotonic() + GIVE_UP_SECONDS
    while ledger.open and time.monotonic() < deadline:
        for key in ledger.open:
            ledger.look(key)
        time.sleep(0.2)
    for key in list(ledger.verdicts):  # once more: nothing may have changed since
        ledger.look(key)

    print("| what fell | times | recovered after, at most |\n|---|---|---|")
    for name, seconds in recoveries.items():
        print(f"| {name} | {len(seconds)} | {max(seconds):.1f} s |")
    failed = [verdict for verdict in ledger.verdicts.values() if verdict.startswith("failed")]
    print(
        f"\naccepted {len(ledger.accepted)}, verdicts {len(ledger.verdicts) - len(failed)}, "
        f"failed {len(failed)}, lost {len(ledger.open)}, doubled {len(ledger.doubled)}; "
        f"{ledger.told_to_wait} requests were told when to come back, {ledger.refused} got another "
        "error or no answer"
    )
    slow = max(max(seconds) for seconds in recoveries.values()) > RECOVERY_SECONDS
    return bool(ledger.open or ledger.doubled or failed or slow)


def send_on(ledger: Ledger, stop: threading.Event) -> None:
    """Send clip after clip and look at each until it is judged, or another one is due."""
    while not stop.is_set():
        key = ledger.send()
        while key and not stop.wait(0.3) and not ledger.look(key) and len(ledger.open) < 20:
            pass
        if key is None:
            stop.wait(0.3)


def recovery(product: Product, ledger: Ledger, fault: Fault) -> float:
    """Bring a fault about; return the seconds until all that was open then has its verdict, and a
    clip that was sent afterwards too."""
    before = ledger.open
    fault(product, ledger)
    started = time.monotonic()
    after = None
    while time.monotonic() < started + GIVE_UP_SECONDS:
        after = after or ledger.send()
        waiting = [key for key in [*before, *filter(None, [after])] if key not in ledger.verdicts]
        for key in waiting:
            ledger.look(key)
        if after and not [key for key in waiting if key not in ledger.verdicts]:
            break
        time.sleep(0.2)
    return time.monotonic() - started


if __name__ == "__main__":
    sys.exit(main())
