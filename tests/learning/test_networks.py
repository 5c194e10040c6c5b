import numpy as np
import pytest
from scipy.special import softmax
from sklearn.preprocessing import MinMaxScaler

from detector.engine.model import TRUSTED_TYPES, _load_trusted, pipeline_scores
from detector.engine.networks import GatedNetworks
from training.learning.bundle import dump
from training.learning.metrics import auc
from training.learning.networks import Gate, gated, train_bank, train_gate

AS_IT_IS = MinMaxScaler((-9, 9)).fit([[-9.0] * 12, [9.0] * 12])
ALIKE = Gate(np.zeros((12, 2), np.float32), np.zeros(2, np.float32))


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


@pytest.fixture(scope="module")
def contrary(rows, fake):
    """Networks that learned the opposite."""
    return train_bank(
        np.tile(rows, (4, 1)), np.tile(1 - fake, 4), np.ones(4 * len(rows)), members=2, seed=1
    )


def by_column(column, weight, bias):
    """A gate that hears the second expert as far as one column is high."""
    weights = np.zeros((12, 2), np.float32)
    weights[column, 1] = weight
    return Gate(weights, np.array([0, bias], np.float32))


def log_odds(bank, rows):
    active = np.maximum(rows @ bank.hidden + bank.hidden_bias, 0)
    odds = (active.reshape(len(rows), *bank.out.shape) * bank.out).sum(axis=2) + bank.out_bias
    return odds.mean(axis=1)


def test_a_bank_learns_what_no_line_can_tell(bank):
    unheard = np.random.default_rng(4).standard_normal((500, 12)).astype(np.float32)
    truth = (unheard[:, 0] * unheard[:, 1] > 0).astype(np.int8)
    assert auc(truth, gated(AS_IT_IS, [bank, bank], ALIKE).decision_function(unheard)) > 0.7


def test_each_expert_is_heard_as_far_as_the_gate_says(rows, bank, contrary):
    gate = Gate(np.eye(12, 3, dtype=np.float32) * 2, np.array([0.5, 0, -1], np.float32))
    heard = softmax(rows @ gate.weights + gate.bias, axis=1)
    experts = [bank, contrary, bank]
    expected = sum(heard[:, k] * log_odds(experts[k], rows) for k in range(3))
    said = gated(AS_IT_IS, experts, gate).decision_function(rows)
    assert said == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("damages", [1, 2])
def test_the_gate_learns_what_a_damage_does_and_not_the_label(rows, fake, damages):
    kinds = [rows + 2.5 * np.eye(12, dtype=np.float32)[3 + k] for k in range(damages)]
    every = np.concatenate([rows, *kinds])
    kind = np.repeat(np.arange(damages + 1), len(rows))
    gate = train_gate(every, kind)
    told = every @ gate.weights + gate.bias
    for damage in range(1, damages + 1):
        against_clean = told[:, damage] - told[:, 0]
        either = (kind == damage) | (kind == 0)
        assert auc((kind[either] == damage).astype(np.int8), against_clean[either]) > 0.9
        assert abs(auc(fake, against_clean[: len(rows)]) - 0.5) < 0.05


def test_clips_as_they_are_alone_need_no_gate(rows, bank):
    gate = train_gate(rows, np.zeros(len(rows), int))
    said = gated(AS_IT_IS, [bank], gate).decision_function(rows)
    assert said == pytest.approx(log_odds(bank, rows), abs=1e-3)


def test_a_gate_of_an_earlier_version_is_heard_as_it_was(rows, bank, contrary):
    now = gated(AS_IT_IS, [bank, contrary], by_column(5, 3, 0.5))
    earlier = GatedNetworks.__new__(GatedNetworks)
    earlier.__setstate__({**vars(now), "gate": now.gate[:, 1].copy(), "gate_bias": 0.5})
    assert earlier.decision_function(rows) == pytest.approx(now.decision_function(rows))


def test_the_classifier_comes_back_from_its_file_as_it_was(rows, bank, contrary):
    classifier = gated(AS_IT_IS, [bank, contrary], by_column(5, 1, 0.5))
    again = _load_trusted(dump(classifier))
    assert np.array_equal(pipeline_scores(again, rows), pipeline_scores(classifier, rows))
    assert "detector.engine.networks.GatedNetworks" in TRUSTED_TYPES


def test_rows_without_weight_teach_nothing(rows, fake):
    weight = np.where(np.arange(len(rows)) < 1000, 1.0, 0.0)
    wrong = np.where(weight > 0, fake, 1 - fake).astype(np.int8)
    banks = [train_bank(rows, labels, weight, members=1, seed=1) for labels in (fake, wrong)]
    assert np.array_equal(banks[0].hidden, banks[1].hidden)


def test_rows_are_standardised_and_held_as_the_scaler_does_it(rows, bank, contrary):
    scaler = MinMaxScaler((-2, 2), clip=True).fit(rows[:40] / 2)
    gate = by_column(5, 1, 0.5)
    held = scaler.transform(rows)
    assert (np.abs(held) == 2).any()
    said = gated(scaler, [bank, contrary], gate).decision_function(rows)
    assert np.array_equal(said, gated(AS_IT_IS, [bank, contrary], gate).decision_function(held))
