"""`manage.py benchmark` measures what docs/performance.md reports."""

import json
import subprocess
import sys

from django.conf import settings

from detector.benchmark import CLIPS, FORMATS
from detector.engine import schemas


def test_every_figure_of_the_report_is_measured():
    # A process of its own, as for a person: it changes how numpy is started.
    argv = [sys.executable, "manage.py", "benchmark", "--json", "--runs", "1"]
    said = subprocess.run(argv, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True)
    found = json.loads(said.stdout)

    assert found["machine"]["cores"] >= 1
    assert found["machine"]["numpy"]
    assert set(found["clips"]) == set(CLIPS)
    assert set(found["formats"]) == set(FORMATS)
    assert {"librosa", *schemas.names()} <= set(found["features"]["costs"])
    assert found["features"]["ratios"]["librosa"] == 1
    for kind in ("clips", "formats", "steps"):
        assert all(cost["median"] > 0 and cost["runs"] == 1 for cost in found[kind].values())
    assert 50 < found["memory"]["resident"] <= found["memory"]["peak"]
    assert found["memory"]["decoder"] > 0
