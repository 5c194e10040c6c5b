import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from training.learning.guard import choose_guarded


def samples(n=400, voices=80):
    return pd.DataFrame(
        {
            "clip": [f"sample-{i}" for i in range(n)],
            "recording": [f"recording-{i}" for i in range(n)],
            "source": "",
            "speaker": [f"voice-{i % voices}" for i in range(n)],
        }
    )


def test_about_a_fifth_of_the_groups_is_kept_for_the_test():
    assert 0.1 < choose_guarded(samples()).mean() < 0.3


def test_a_voice_is_never_on_both_sides():
    rows = samples()
    sides = rows.assign(guarded=choose_guarded(rows)).groupby("speaker")["guarded"].nunique()
    assert (sides == 1).all()


def test_what_a_recording_or_a_source_connects_stays_together():
    rows = samples(60, voices=60)
    rows.loc[30:, "recording"] = "one"
    rows.loc[[0, 59], "source"] = "the same meeting"
    guarded = choose_guarded(rows)
    assert len(set(guarded[[0, *range(30, 60)]])) == 1


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 399))
def test_samples_that_come_later_move_no_earlier_group(n):
    rows = samples()
    assert np.array_equal(choose_guarded(rows)[:n], choose_guarded(rows.head(n)))
