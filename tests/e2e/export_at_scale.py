"""What an export of 100,000 rows costs: `tests/run tests/e2e/export_at_scale.py -s`.

Prints, for each form and for 1,000 and 100,000 rows, what came out of a running web server, and how
far its memory rose meanwhile: the peak of its resident set over what it was just before.
"""

import time
import urllib.request
from pathlib import Path

import pytest

from accounts.services import create_token
from tests.e2e.processes import descendants
from tests.factories import ModelVersionFactory, UserFactory
from tests.history_at_scale import FEW, MANY, seed

pytestmark = [pytest.mark.stack, pytest.mark.django_db(transaction=True)]

FORMS = ("csv", "jsonl", "parquet")
PIECE = 64 * 1024


def peaks(pids):
    """Peak resident set of each process, in kB."""
    lines = [Path(f"/proc/{pid}/status").read_text().splitlines() for pid in pids]
    return [int(line.split()[1]) for some in lines for line in some if line.startswith("VmHWM")]


def forget_peaks(pids):
    for pid in pids:
        Path(f"/proc/{pid}/clear_refs").write_text("5")


@pytest.fixture
def pids(_web):
    """The web server and its processes."""
    pid = _web[0].process.pid
    return [pid, *descendants(pid)]


def test_measure(site, pids):
    version = ModelVersionFactory()
    people = {FEW: UserFactory(), MANY: UserFactory()}
    tokens = {}
    for rows, person in people.items():
        seed(person, version, rows)
        tokens[rows] = create_token(owner=person, name="export")[1]
    print(f"\n{'form':10}{'rows':>10}{'MB':>8}{'seconds':>9}{'memory':>12}")
    for form in FORMS:
        for rows, token in tokens.items():
            forget_peaks(pids)
            before, started = peaks(pids), time.perf_counter()
            size = fetch(f"{site}/api/v1/predictions/export?format={form}", token)
            took = time.perf_counter() - started
            grown = max(after - now for now, after in zip(before, peaks(pids), strict=True)) / 1024
            print(f"{form:10}{rows:>10,}{size / 1e6:8.1f}{took:9.1f}{grown:+9.0f} MB")


def fetch(address, token):
    """Read it as it comes, keep nothing, and return its size."""
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=600) as answer:
        return sum(map(len, iter(lambda: answer.read(PIECE), b"")))
