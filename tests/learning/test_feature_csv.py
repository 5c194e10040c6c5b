"""Feature tables in circulation: what `train_table` and `analyze` promise of them."""

import json
from io import StringIO
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from django.core.management import CommandError, call_command

from detector.engine import schemas
from training.learning.feature_csv import read_feature_csv

COLUMNS = schemas.get("deepvoice-26").columns
TELLING = ("mfcc3", "mfcc10", "mfcc11", "mfcc12")


def run(command, *arguments):
    out = StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    return out.getvalue()


def draw(n=240, seed=3):
    """A table whose class shows in the spread of some columns, which no line can separate."""
    generator = np.random.default_rng(seed)
    fake = np.arange(n) % 2
    values = generator.normal(size=(n, len(COLUMNS)))
    for name in TELLING:
        values[:, COLUMNS.index(name)] *= np.where(fake, 4.0, 0.1)
    values[:, COLUMNS.index("mfcc7")] = 2 * values[:, COLUMNS.index("mfcc6")]
    table = pd.DataFrame(values, columns=COLUMNS)
    return table.assign(LABEL=np.where(fake, "FAKE", "REAL"))


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "table.csv"
    draw().to_csv(path, index=False)
    return path


def test_columns_in_any_order_and_labels_in_any_case_are_read(table, tmp_path):
    other = tmp_path / "other.csv"
    rows = pd.read_csv(table)
    rows["LABEL"] = rows["LABEL"].str.lower()
    rows[rows.columns[::-1]].assign(note="more").to_csv(other, index=False)
    expected, found = read_feature_csv(table), read_feature_csv(other)
    pd.testing.assert_frame_equal(found.columns, expected.columns)
    assert found.fake.tolist() == expected.fake.tolist() == [0, 1] * 120


def test_classifiers_are_compared_in_folds_and_the_leak_is_said(table):
    report = json.loads(
        run(
            *("train_table", table, "--json", "--folds", 3),
            *("--family", "svm", "--family", "logistic_regression"),
        )
    )
    best, worst = report["families"]
    assert (best["family"], worst["family"]) == ("svm", "logistic_regression")
    assert best["mean"]["accuracy"] > 0.7 > 0.65 > worst["mean"]["accuracy"]
    assert set(best["mean"]) == {"accuracy", "precision", "recall", "f1", "roc_auc"}
    assert best["row_ms"] > 0
    assert report["rows"] == 240
    assert "leak recordings" in report["cautions"][0]
    assert len(report["cautions"]) == 1


def test_random_labels_reach_no_accuracy(tmp_path):
    """Settings are chosen inside the folds, so noise stays noise."""
    path = tmp_path / "noise.csv"
    generator = np.random.default_rng(7)
    labels = generator.permutation(np.repeat(["REAL", "FAKE"], 200))
    draw(400).assign(LABEL=labels).to_csv(path, index=False)
    report = json.loads(run("train_table", path, "--json", "--folds", 4, "--family", "svm"))
    assert abs(report["families"][0]["mean"]["accuracy"] - 0.5) < 0.1


def test_a_person_reads_a_table_of_figures(table):
    text = run("train_table", table, "--folds", 2, "--family", "random_forest")
    assert "| random forest |" in text
    assert "the folds leak recordings" in text


def test_a_table_of_another_sample_rate_is_named(table, tmp_path):
    other = tmp_path / "44k.csv"
    pd.read_csv(table).assign(rolloff=15_000.0).to_csv(other, index=False)
    assert "higher sample rate" in run("analyze", other)
    assert "higher sample rate" not in run("analyze", table)


def test_the_analysis_finds_what_tells_the_classes_apart_and_what_moves_together(table):
    lines = run("analyze", table).splitlines()
    assert "240 rows: 120 REAL (50.0%), 120 FAKE (50.0%). 0 values are missing." in lines[0]
    assert {line.split()[1] for line in lines[4:8]} == set(TELLING)  # the most important first
    assert any(line.startswith("| mfcc6, mfcc7 | +1.00") for line in lines)


def test_gaps_are_counted_and_drawn_but_not_trained_on(table, tmp_path):
    rows = pd.read_csv(table)
    rows.loc[:4, "mfcc5"] = np.nan
    rows.loc[9, "rms"] = np.inf
    rows.to_csv(tmp_path / "gaps.csv", index=False)
    text = run("analyze", tmp_path / "gaps.csv", "--plots", tmp_path / "plots")
    assert "6 values are missing" in text
    assert "| mfcc5 | 5 |" in text
    pictures = sorted((tmp_path / "plots").iterdir())
    assert [path.stem for path in pictures] == [
        "balance",
        "correlations",
        "distributions",
        "importances",
    ]
    for picture in pictures:
        words = "".join(ElementTree.parse(picture).getroot().itertext())
        assert "mfcc5" in words
    with pytest.raises(CommandError, match="6 values are missing"):
        run("train_table", tmp_path / "gaps.csv")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows.drop(columns="mfcc9"), "lacks the column mfcc9"),
        (lambda rows: rows.drop(columns="LABEL"), "lacks the column LABEL"),
        (lambda rows: rows.assign(LABEL="synthetic"), "not SYNTHETIC"),
        (lambda rows: rows.assign(LABEL="REAL"), "one class only"),
        (lambda rows: rows.assign(rms="loud"), "text in the column rms"),
    ],
)
@pytest.mark.parametrize("command", ["train_table", "analyze"])
def test_a_table_that_cannot_be_used_is_refused_in_words(table, tmp_path, command, change, message):
    change(pd.read_csv(table)).to_csv(tmp_path / "bad.csv", index=False)
    with pytest.raises(CommandError, match=message):
        run(command, tmp_path / "bad.csv")


def test_an_unknown_family_is_refused(table):
    with pytest.raises(CommandError, match="random_forest"):
        run("train_table", table, "--family", "oracle")
