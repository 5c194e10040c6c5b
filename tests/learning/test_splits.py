import numpy as np
import pandas as pd
import pytest

from training.learning.splits import LINKS, connected_groups, purged_folds
from training.learning.table import UNKNOWN


@pytest.fixture
def rows():
    draw = np.random.default_rng(3)
    n = 400
    return pd.DataFrame(
        {
            "label": draw.choice(["real", "fake"], n),
            "source_repo": draw.choice([f"source-{i}" for i in range(40)], n),
            "generator": draw.choice(["", "", "unknown", *[f"engine-{i}" for i in range(30)]], n),
            "speaker": draw.choice(["", "unknown", *[f"voice-{i}" for i in range(60)]], n),
        }
    )


def test_training_shares_nothing_named_with_what_is_held_out(rows):
    folds = list(purged_folds(rows, np.ones(len(rows), dtype=bool)))
    for train, held_out in folds:
        assert len(train)
        for link in LINKS:
            shared = set(rows[link].iloc[train]) & set(rows[link].iloc[held_out])
            assert shared <= UNKNOWN
    everywhere = np.sort(np.concatenate([held_out for _, held_out in folds]))
    assert np.array_equal(everywhere, np.arange(len(rows)))


def test_only_candidates_are_held_out_and_the_rest_may_train(rows):
    candidates = rows["source_repo"].to_numpy() < "source-2"
    trained = set()
    for train, held_out in purged_folds(rows, candidates):
        assert candidates[held_out].all()
        trained |= set(train)
    assert trained & set(np.flatnonzero(~candidates))


def test_groups_are_chained_through_any_known_link():
    rows = pd.DataFrame(
        {
            "source_repo": ["a", "a", "b", "c", "d", ""],
            "generator": ["x", "", "y", "unknown", "unknown", ""],
            "speaker": ["", "ann", "ann", "bob", "carl", ""],
        }
    )
    groups = connected_groups(rows)
    assert groups[0] == groups[1] == groups[2]
    assert len(set(groups)) == 4


def test_a_closed_data_set_is_folded_by_speaker_where_no_generator_can_be_left_out():
    """Every speaker is heard from the one generator: without it nothing fake would be left."""
    speakers = np.repeat([f"voice-{i}" for i in range(10)], 4)
    rows = pd.DataFrame(
        {
            "clip": [f"clip-{i}" for i in range(40)],
            "label": np.tile(["real", "real", "fake", "fake"], 10),
            "source_repo": speakers,
            "generator": np.tile(["", "", "A01", "A01"], 10),
            "speaker": speakers,
        }
    )
    for train, held_out in purged_folds(rows, np.ones(40, dtype=bool)):
        assert set(rows["label"].iloc[train]) == {"real", "fake"}
        assert not set(speakers[train]) & set(speakers[held_out])


def test_clips_of_one_source_are_folded_by_clip():
    rows = pd.DataFrame(
        {
            "clip": np.repeat([f"clip-{i}" for i in range(20)], 2),
            "label": np.repeat(["real", "fake"] * 10, 2),
            "source_repo": "one",
            "generator": "",
            "speaker": "",
        }
    )
    held_out = [part for _, part in purged_folds(rows, np.ones(40, dtype=bool))]
    assert min(map(len, held_out)) > 0
    clips = [set(rows["clip"].iloc[part]) for part in held_out]
    assert sum(map(len, clips)) == 20
