"""Whether anything grows while the product is used: `python -m tests.soak --minutes 60 --users 12`.

Starts `./voicetell up` on an empty folder, lets the people and programs of a file in `locust/` use
it, and looks at its processes every half a minute. Prints, for each kind of process, what it
held in the second and in the last tenth of the time (the first is for warming up), and the
milliseconds of CPU that it took per clip. Ends with 1 if something grew, a request failed, or a
clip is still open.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Any

import psutil
import requests
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.processes import free_port
from tests.faults.product import EMAIL, ROOT, Product

PAUSE_SECONDS = 30
DRAIN_SECONDS = 120
KINDS = {
    "web": "gunicorn",
    "predict workers": "--queues predict",
    "decoders": "decode_child",
    "train and extract workers": "--queues (train|extract)",
    "upkeep worker": "--queues upkeep",
    "beat": "-A config beat",
    "PostgreSQL": "postgres",
    "Redis": "redis-server",
    "supervisor": "",
}
GAUGES = {
    "database connections": "voicetell_database_connections",
    "Redis, bytes": "voicetell_redis_memory_bytes",
    "messages in the queue": "voicetell_queue_messages",
}
TOLERATED = {"MB": (1.1, 10.0), "files": (1.1, 5.0)}
"""Growth that is noise: by this factor, or by so much."""

Figures = dict[str, float]


def main() -> int:
    """Run, print, say whether all is well."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--users", type=int, default=12)
    parser.add_argument("--script", default="locustfile", help="in locust/, without its .py")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="vt-soak-"))
    folder.chmod(0o755)
    (folder / "tmp").mkdir(mode=0o1777)
    product = Product(folder, free_port(), VOICETELL_RATE_LIMIT="0", TMPDIR=str(folder / "tmp"))
    try:
        product.wait()
        token = product.token()
        looks, requested = use(product, token, options)
        left = drained(product, token)
    finally:
        product.stop()
    shutil.rmtree(folder, ignore_errors=True)
    failures = sum(row["num_failures"] for row in requested)
    sent = sum(row["num_requests"] for row in requested)
    rate = sent / 60 / options.minutes
    for row in requested:
        if row["num_failures"]:
            print(f"{row['method']} {row['name']}: {row['num_failures']} failures")
    judged = looks[-1]["clips"]
    print(f"{sent} requests, {rate:.1f} a second, {failures} failures; ", end="")
    print(f"{judged:.0f} clips, {left:.0f} open at the end\n")
    return int(report(looks) or bool(failures or left))


def use(
    product: Product, token: str, options: argparse.Namespace
) -> tuple[list[Figures], list[dict[str, Any]]]:
    """Have the product used; return what was seen of it, and locust's rows."""
    with (product.folder / "locust.json").open("w+") as said:
        locust = subprocess.Popen(
            [
                *(sys.executable, "-m", "locust", "-f", str(ROOT / f"locust/{options.script}.py")),
                *("--headless", "--host", product.url, "--json", "--only-summary"),
                *("-u", str(options.users), "-r", "1", "-t", f"{options.minutes * 60:.0f}s"),
            ],
            env=product.env
            | {
                "VOICETELL_EMAIL": EMAIL,
                "VOICETELL_PASSWORD": product.env["VOICETELL_ADMIN_PASSWORD"],
                "VOICETELL_TOKEN": token,
            },
            stdout=said,
            stderr=subprocess.DEVNULL,
        )
        looks = []
        while locust.poll() is None:
            looks.append(look(product, token))
            print(json.dumps(looks[-1]), file=sys.stderr, flush=True)
            with suppress(subprocess.TimeoutExpired):
                locust.wait(PAUSE_SECONDS)
        said.seek(0)
        return looks, json.load(said)


def look(product: Product, token: str) -> Figures:
    """Return what the product holds and has used, by name."""
    seen: Figures = defaultdict(float)
    root = psutil.Process(product.process.pid)
    for process in [root, *root.children(recursive=True)]:
        with suppress(psutil.Error, OSError):
            line = " ".join(process.cmdline())
            kind = next(name for name, pattern in KINDS.items() if re.search(pattern, line))
            times = process.cpu_times()
            seen[f"{kind}: MB"] += anonymous_bytes(process.pid) / 2**20
            seen[f"{kind}: files"] += process.num_fds()
            # Decoders are gone before they are seen; whoever waited for them has their time.
            seen[f"{kind}: CPU"] += sum(times[:4])
    seen["temporary files"] = sum(1 for _ in (product.folder / "tmp").rglob("*"))
    samples = metrics(product, token)
    for name, metric in GAUGES.items():
        seen[name] = sum(value for key, _, value in samples if key == metric)
    seen["clips"] = sum(value for key, _, value in samples if key == "voicetell_predictions_total")
    return dict(seen)


def anonymous_bytes(pid: int) -> int:
    """Memory of a process that no file and no shared buffers stand behind, its share of what a fork
    shares included (proc_pid_smaps(5))."""
    with Path(f"/proc/{pid}/smaps_rollup").open() as lines:
        return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss_Anon:"))


def metrics(product: Product, token: str) -> list[tuple[str, dict[str, str], float]]:
    """What the product says of itself to Prometheus: name, labels, value."""
    answer = requests.get(
        f"{product.url}/api/v1/metrics/prometheus",
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )
    answer.raise_for_status()
    return [
        (sample.name, sample.labels, sample.value)
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    ]


def drained(product: Product, token: str) -> float:
    """Wait until no clip is open; return how many still are when patience ends."""
    deadline = time.monotonic() + DRAIN_SECONDS
    while True:
        left = sum(
            value
            for key, labels, value in metrics(product, token)
            if key == "voicetell_predictions_open"
        )
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(1)


def report(looks: list[Figures]) -> bool:
    """Print the second tenth beside the last one; return whether something grew."""
    tenth = max(1, len(looks) // 10)
    early, late = looks[tenth : 2 * tenth] or looks[:1], looks[-tenth:]

    def both(name: str) -> tuple[float, float]:
        return (
            median(one.get(name, 0) for one in early),
            median(one.get(name, 0) for one in late),
        )

    grew = []
    print("| | MB, early | late | open files, early | late | ms of CPU a clip |")
    print("|---|---|---|---|---|---|")
    clips = looks[-1]["clips"] - looks[0]["clips"]
    for kind in KINDS:
        cells = []
        for unit, (factor, more) in TOLERATED.items():
            before, after = both(f"{kind}: {unit}")
            cells += [f"{before:.0f}", f"{after:.0f}"]
            if after > before * factor and after > before + more:
                grew.append(f"{kind}: {unit}")
        used = looks[-1].get(f"{kind}: CPU", 0) - looks[0].get(f"{kind}: CPU", 0)
        print(f"| {kind} | {' | '.join(cells)} | {1000 * used / max(clips, 1):.1f} |")
    print("\n| | early | late | most |\n|---|---|---|---|")
    for name in (*GAUGES, "temporary files"):
        before, after = both(name)
        print(f"| {name} | {before:.0f} | {after:.0f} | {max(one[name] for one in looks):.0f} |")
        if after > before * 1.2 + 3:
            grew.append(name)
    print(f"\nGrew: {', '.join(grew) or 'nothing'}.")
    return bool(grew)


if __name__ == "__main__":
    sys.exit(main())
