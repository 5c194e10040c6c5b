import numpy as np
import pandas as pd
import pytest

from detector.engine import schemas
from training.learning.fitting import row_weights
from training.learning.table import FACTS, PROVENANCE, UNKNOWN, FeatureTable


@pytest.fixture
def table():
    draw = np.random.default_rng(2)
    n = 60
    rows = pd.DataFrame({name: [f"{name}-{i % 7}" for i in range(n)] for name in PROVENANCE})
    rows["clip"] = [f"clip-{i // 2}" for i in range(n)]
    rows["label"] = ["fake" if i // 2 % 3 else "real" for i in range(n)]
    rows["generator"] = ""
    rows["copy"] = np.arange(n, dtype=np.float32) % 2
    for fact in FACTS:
        rows[fact] = draw.random(n).astype(np.float32)
    features = draw.normal(3, 10, (n, 26)).astype(np.float32)
    return FeatureTable("deepvoice-26", features, rows)


def test_a_table_comes_back_as_it_was_and_its_copies_nearly_so(table, tmp_path):
    """To a tenth of the spread; copies to four tenths."""
    table.save(tmp_path / "table.npz")
    back = FeatureTable.load(tmp_path / "table.npz")
    assert back.schema == table.schema
    pd.testing.assert_frame_equal(back.rows, table.rows, check_dtype=False)
    off = np.abs(back.features - table.features) / table.features.std(axis=0)
    is_copy = np.asarray(table.rows["copy"] > 0)
    assert off[~is_copy].max() <= 0.1
    assert 0.1 < off[is_copy].max() <= 0.41
    assert back.sha256() == FeatureTable.load(tmp_path / "table.npz").sha256()
    assert [path.name for path in tmp_path.iterdir()] == ["table.npz"]


def test_a_table_of_other_columns_is_refused(table, tmp_path):
    wrong = FeatureTable("deepvoice-26", table.features[:, :20], table.rows)
    wrong.save(tmp_path / "table.npz")
    with pytest.raises(ValueError, match="deepvoice-26"):
        FeatureTable.load(tmp_path / "table.npz")


def test_the_fingerprint_knows_every_value_and_every_label(table):
    other = FeatureTable(table.schema, table.features.copy(), table.rows.copy())
    assert other.sha256() == table.sha256()
    other.features[3, 4] += 0.01
    assert other.sha256() != table.sha256()
    relabelled = table.rows.assign(label="fake")
    assert FeatureTable(table.schema, table.features, relabelled).sha256() != table.sha256()


def test_both_classes_count_alike_and_copies_count_once(table):
    weight = row_weights(table)
    fake = table.fake == 1
    assert weight[fake].sum() == pytest.approx(weight[~fake].sum())
    assert weight.sum() == pytest.approx(table.rows["clip"].nunique())


def test_the_shipped_table_is_one_that_a_retrain_can_read(settings):
    table = FeatureTable.load(settings.BASE_DIR / "fixtures/base_features.npz")
    assert table.features.shape[1] == len(schemas.get(table.schema).columns)
    assert set(table.rows["label"]) == {"real", "fake"}
    assert set(table.rows["split"]) == {"train", "dev"}
    train, dev = (table.rows[table.rows["split"] == split] for split in ("train", "dev"))
    for link in ("generator", "source_repo"):
        assert set(train[link]) & set(dev[link]) <= UNKNOWN
    # A synthetic clip's speaker is whose voice it imitates; who recorded is on one side only.
    recorded = [set(rows.loc[rows["label"] == "real", "speaker"]) for rows in (train, dev)]
    assert recorded[0] & recorded[1] <= UNKNOWN
