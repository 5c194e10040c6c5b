import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

ROOT = Path(__file__).parents[1]
CLIPS = ROOT / "fixtures/clips"


def evaluate(*arguments):
    out = StringIO()
    call_command("evaluate", *map(str, arguments), stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def report():
    return json.loads(evaluate(CLIPS / "clips.csv", "--root", CLIPS, "--rounds", 20, "--json"))


def test_the_fixtures_are_reported_with_figures_and_intervals(report):
    labels = [row["label"] for row in csv.DictReader((CLIPS / "clips.csv").open())]
    assert report["clips"] == {"real": labels.count("real"), "fake": labels.count("fake")}
    assert report["errors"] == {}
    wanted = {
        *("eer", "auc", "auc_within_source", "min_dcf", "act_dcf", "cllr", "ece"),
        *("accuracy", "precision", "recall", "f1", "fpr", "fnr", "inconclusive"),
    }
    assert set(report["overall"]) == set(report["intervals"]) == wanted
    assert 0 <= report["overall"]["eer"] <= 1
    assert report["model_version"].startswith("voicetell-")
    assert {"language", "duration", "codec"} <= set(report["slices"])


def test_the_figures_follow_from_the_scores_of_the_clips(tmp_path, report):
    scores = tmp_path / "scores.csv"
    evaluate(CLIPS / "clips.csv", "--rounds", 2, "--json", "--scores", scores)
    rows = list(csv.DictReader(scores.open()))
    real = [row for row in rows if row["label"] == "real"]
    called = sum(row["verdict"] == "FAKE" for row in real)
    assert report["overall"]["fpr"] == pytest.approx(called / len(real), abs=1e-5)
    pairs = [
        float(fake["score"]) > float(true["score"])
        for fake in rows
        if fake["label"] == "fake"
        for true in real
    ]
    assert report["overall"]["auc"] == pytest.approx(sum(pairs) / len(pairs), abs=1e-5)


def test_a_bad_file_is_counted_and_stops_nothing(tmp_path):
    (tmp_path / "bad.wav").write_text("no sound")
    (tmp_path / "manifest.csv").write_text(
        f"file,label\nbad.wav,real\ngone.wav,fake\n{CLIPS / 'fake-flite.wav'},FAKE\n"
    )
    report = json.loads(evaluate(tmp_path / "manifest.csv", "--rounds", 2, "--json"))
    assert report["errors"] == {"unsupported_format": 1, "unreadable": 1}
    assert report["clips"] == {"real": 1, "fake": 2}
    assert report["overall"]["inconclusive"] >= 0.66


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file,truth\na.wav,real\n", "label"),
        ("file,label\na.wav,genuine\n", "genuine"),
        ("file,label\n", "no such clips"),
    ],
)
def test_a_manifest_that_cannot_be_used_is_refused_in_words(tmp_path, text, message):
    (tmp_path / "manifest.csv").write_text(text)
    with pytest.raises(CommandError, match=message):
        evaluate(tmp_path / "manifest.csv")


def test_a_person_reads_tables():
    text = evaluate(CLIPS / "clips.csv", "--rounds", 2)
    assert "| equal error rate |" in text
    assert "### By language" in text


def test_worse_copies_are_compared_with_the_clips_as_they_are(tmp_path):
    (tmp_path / "bad.wav").write_text("no sound")
    (tmp_path / "manifest.csv").write_text(
        f"file,label\nbad.wav,real\n{CLIPS / 'real-librivox.flac'},real\n"
        f"{CLIPS / 'fake-flite.wav'},fake\n"
    )
    arguments = (tmp_path / "manifest.csv", "--degrade", "noise-10", "--degrade", "g711")
    found = json.loads(evaluate(*arguments, "--json"))["degraded"]
    assert list(found) == ["as they are", "noise-10", "g711"]
    assert all(0 <= figures["eer"] <= 1 for figures in found.values())
    assert "| noise-10 |" in evaluate(*arguments)
    with pytest.raises(CommandError, match="mp3-32"):
        evaluate(tmp_path / "manifest.csv", "--degrade", "mp3")
