import numpy as np
import pytest

from detector.engine.model import pipeline_scores
from training.learning.metrics import auc
from training.learning.networks import Bank, train_bank


@pytest.fixture(scope="module")
def rows():
    return np.random.default_rng(3).standard_normal((1500, 12)).astype(np.float32)


@pytest.fixture(scope="module")
def fake(rows):
    """Which no line can tell apart: both signs alike, or not."""
    return (rows[:, 0] * rows[:, 1] > 0).astype(np.int8)


@pytest.fixture(scope="module")
def bank(rows, fake):
    return train_bank(
        np.tile(rows, (4, 1)), np.tile(fake, 4), np.ones(4 * len(rows)), members=3, seed=1
    )


def test_a_bank_learns_what_no_line_can_tell(rows, bank):
    unheard = np.random.default_rng(4).standard_normal((500, 12)).astype(np.float32)
    truth = (unheard[:, 0] * unheard[:, 1] > 0).astype(np.int8)
    assert auc(truth, pipeline_scores(bank.classifier(), unheard)) > 0.7


def test_one_classifier_says_the_mean_log_odds_of_all_networks(rows, bank):
    active = np.maximum(rows @ bank.hidden + bank.hidden_bias, 0)
    odds = (active.reshape(len(rows), *bank.out.shape) * bank.out).sum(axis=2) + bank.out_bias
    both = Bank.join([bank, bank])
    assert pipeline_scores(bank.classifier(), rows) == pytest.approx(odds.mean(axis=1), abs=1e-3)
    assert pipeline_scores(both.classifier(), rows) == pytest.approx(odds.mean(axis=1), abs=1e-3)


def test_rows_without_weight_teach_nothing(rows, fake):
    weight = np.where(np.arange(len(rows)) < 1000, 1.0, 0.0)
    wrong = np.where(weight > 0, fake, 1 - fake).astype(np.int8)
    banks = [train_bank(rows, labels, weight, members=1, seed=1) for labels in (fake, wrong)]
    assert np.array_equal(banks[0].hidden, banks[1].hidden)
