import csv
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from detector.engine.decode import Decoder
from detector.engine.judge import Judge
from detector.engine.model import Model

ROOT = Path(__file__).parents[1]
CLIPS = ROOT / "fixtures/clips"
FILES = [CLIPS / row["file"] for row in csv.DictReader((CLIPS / "clips.csv").open())]


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def run(*arguments):
    """Run the command as a person does, with no database and no Redis to be found."""
    nowhere = {
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1",
    }
    return subprocess.run(
        [sys.executable, "manage.py", "predict", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | nowhere,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def lines(tmp_path_factory):
    """All fixtures, and a bad file in their midst."""
    bad = tmp_path_factory.mktemp("bad") / "text.wav"
    bad.write_text("no sound at all")
    done = run("--json", FILES[0], bad, *FILES[1:], CLIPS / "nowhere.wav")
    assert done.returncode == 1, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_each_file_gets_one_line_in_order_and_a_bad_one_stops_nothing(lines):
    assert len(lines) == len(FILES) + 2
    assert [line["file"] for line in lines if "error" not in line] == [str(f) for f in FILES]
    assert lines[1]["error"]["code"] == "unsupported_format"
    assert lines[1]["error"]["message"]
    assert lines[-1]["error"]["code"] == "unreadable"


def test_the_command_says_what_the_judge_says(lines):
    by_file = {line["file"]: line for line in lines if "error" not in line}
    with Decoder() as decoder:
        judge = Judge(decoder, Model.load_bundle(ROOT / "fixtures/model"))
        judgements = [judge.judge(path, sha256=sha256(path)) for path in FILES]
    for path, judgement in zip(FILES, judgements, strict=True):
        line = by_file[str(path)]
        assert line["verdict"] == judgement.verdict
        assert line["score"] == judgement.score
        assert line["probability"] == judgement.probability
        assert line["threshold"] == judgement.threshold
        assert line["model_version"] == judgement.model_version
        assert line["sha256"] == judgement.sha256
        assert line["duration"] == judgement.facts.duration
        assert [s["score"] for s in line["segments"]] == [s.score for s in judgement.segments]
        assert [r["code"] for r in line["reasons"]] == [r.code for r in judgement.reasons]
        assert all(reason["text"] for reason in line["reasons"])


def test_the_table_has_a_row_a_file_and_success_is_exit_status_0():
    done = run(FILES[0])
    assert done.returncode == 0, done.stderr
    header, row = done.stdout.splitlines()
    assert header.split() == ["verdict", "P(fake)", "seconds", "file"]
    assert row.endswith(str(FILES[0]))
    assert row.split()[0] in {"REAL", "FAKE", "INCONCLUSIVE"}


def test_a_missing_model_is_said_in_one_line():
    done = run("--model", "/nonexistent", FILES[0])
    assert done.returncode == 1
    assert "no readable model bundle" in done.stderr
    assert "Traceback" not in done.stderr
