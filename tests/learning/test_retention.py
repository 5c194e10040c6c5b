import numpy as np

from tests.learning.tables import draw_table
from training.learning.fitting import OWN, is_own
from training.learning.retention import halves
from training.learning.table import FeatureTable


def clips(table, mask):
    return set(table.rows["clip"][mask])


def test_own_samples_weigh_beside_a_half_what_they_weigh_beside_the_whole():
    own = draw_table(2, 40)
    rows = own.rows.assign(clip="mine-" + own.rows["clip"], source_repo=OWN + own.rows["clip"])
    table = FeatureTable.join([draw_table(1, 200), FeatureTable(own.schema, own.features, rows)])
    mine, scored_clips = is_own(table.rows), set()
    fits = halves(table, seed=1)
    for (without, scored), (together, scored_too) in zip(fits[::2], fits[1::2], strict=True):
        assert (len(clips(table, without)), len(clips(table, together & mine))) == (100, 20)
        assert clips(table, together & ~mine) == clips(table, without)
        np.testing.assert_array_equal(scored, scored_too)
        assert not clips(table, together) & clips(table, scored)
        scored_clips |= clips(table, scored)
    assert scored_clips == clips(table, ~mine)
