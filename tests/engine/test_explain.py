"""What is said to have moved a score did move it, by as much and in that direction."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

from detector.engine import explain, schemas, segments
from detector.engine.judge import Judge
from detector.engine.model import MOST_EXPLAINED, Model
from detector.engine.types import BandWeight, Explanation, SegmentWeight
from detector.messages import reason_text
from tests.engine.test_model import learn

FIXTURES = Path(__file__).parents[2] / "fixtures"
CLIPS = ["real-librivox.flac", "fake-flite.wav", "fake-hibari.flac", "fake-world.flac"]


@pytest.fixture(scope="module")
def model():
    return Model.load_bundle(FIXTURES / "model")


@pytest.fixture(scope="module", params=CLIPS)
def judged(request, decoder, model):
    """A clip's judgement, and what its score was made of."""
    content = (FIXTURES / "clips" / request.param).read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    samples = decoder.decode(content).samples
    windows = segments.cut(samples).speech_windows
    return (
        Judge(decoder, model).judge(content, sha256=sha256),
        model.schema.compute(samples, windows),
        windows,
    )


def score_of(model, features, windows):
    raw = model.raw_scores(features).mean()
    return float(model.llr(raw, explain.covered_seconds(windows)))


def test_setting_a_family_or_a_band_to_the_usual_moves_the_score_as_said(model, judged):
    judgement, features, windows = judged
    usual = np.array(model.manifest["reference"]["mean"], dtype=np.float32)
    found = judgement.explanation
    groups = {name: found.families[name] for name in model.schema.families}
    columns = dict(model.schema.families)
    for band in found.bands:
        groups[band.low_hz, band.high_hz] = band.weight
        columns[band.low_hz, band.high_hz] = list(model.schema.bands[band.low_hz, band.high_hz])
    assert len(windows) <= MOST_EXPLAINED
    for name, weight in groups.items():
        without = features.copy()
        without[:, columns[name]] = usual[columns[name]]
        moved = judgement.score - score_of(model, without, windows)
        assert moved == pytest.approx(weight, abs=1e-3)
    whole = score_of(model, np.broadcast_to(usual, features.shape), windows)
    assert found.usual == pytest.approx(whole, abs=1e-3)


def test_leaving_a_segment_out_moves_the_score_as_said(model, judged):
    judgement, features, windows = judged
    parts = judgement.explanation.segments
    assert [(part.start, part.end) for part in parts] == [
        (start / 16_000, stop / 16_000) for start, stop in windows
    ]
    for i, part in enumerate(parts):
        rest = [window for k, window in enumerate(windows) if k != i]
        without = score_of(model, np.delete(features, i, axis=0), rest) if rest else 0.0
        assert judgement.score - without == pytest.approx(part.weight, abs=1e-3)


def test_the_reasons_name_the_strongest_of_each_kind_in_words(judged):
    judgement, _, windows = judged
    named = {reason.code: reason for reason in judgement.reasons if reason.weight is not None}
    found = judgement.explanation
    family, weight = max(found.families.items(), key=lambda item: abs(item[1]))
    assert named[f"{family}_{'fake' if weight > 0 else 'real'}"].weight == weight
    for kind in ("band", "segment"):
        parts = [reason for code, reason in named.items() if code.startswith(f"{kind}_")]
        for reason in parts:
            assert abs(reason.weight) == max(abs(p.weight) for p in getattr(found, f"{kind}s"))
            assert "unknown" not in reason_text(reason.code, reason.params)
    if len(windows) < explain.LEAST_SEGMENTS:
        assert not any(code.startswith("segment_") for code in named)


def test_bands_are_columns_of_one_band_and_of_no_other():
    schema = schemas.get("voicetell-1")
    assert list(schema.bands) == [
        (0, 1000),
        (1000, 2000),
        (2000, 4000),
        (4000, 6000),
        (6000, 8000),
    ]
    placed = [place for columns in schema.bands.values() for place in columns]
    assert len(placed) == len(set(placed))
    names = {schema.columns[place] for place in schema.bands[6000, 8000]}
    assert {"flatness_mean_12", "texture_bin1_variance_15", "fine_ripple_max_13"} <= names
    assert not any(name.startswith(("lfcc", "level", "fine_cepstrum")) for name in names)
    assert schemas.get("deepvoice-26").bands == {}


def test_sound_in_one_band_moves_the_columns_of_that_band_most():
    """What the columns hear, not only what they are called."""
    draw = np.random.default_rng(5)
    noise = draw.normal(0, 0.05, 48_000)
    spectrum = np.fft.rfft(noise)
    hertz = np.fft.rfftfreq(noise.size, 1 / 16_000)
    steady = np.where((hertz > 4200) & (hertz < 5800), np.abs(spectrum).mean(), spectrum)
    schema = schemas.get("voicetell-1")
    before, after = (
        schema.compute(np.fft.irfft(x, 48_000).astype(np.float32), [(0, 48_000)])[0]
        for x in (spectrum, steady)
    )
    moved = {
        band: np.abs(after - before)[list(columns)].mean() for band, columns in schema.bands.items()
    }
    assert max(moved, key=moved.get) == (4000, 6000)


def test_a_long_clip_costs_no_more_than_a_short_one_to_explain():
    """The rows that a model is asked about are bounded; a linear one needs none."""
    model, features = learn(SVC())
    asked = []
    ask = model.raw_scores
    model.raw_scores = lambda rows: asked.append(len(rows)) or ask(rows)
    groups = model.schema.families
    for n in (MOST_EXPLAINED, 300):
        model.weights_of(groups, features[:n], 10.0)
    assert asked == [MOST_EXPLAINED * (1 + len(groups))] * 2
    linear, features = learn(LogisticRegression())
    found = linear.weights_of(groups, features, 10.0)
    assert sum(found.values()) == pytest.approx(
        float(linear.llr(linear.raw_scores(features).mean(), 10.0)) - linear.usual_score(10.0),
        abs=1e-4,
    )


def test_what_hardly_counts_is_not_named_and_directions_have_their_words():
    found = Explanation(
        usual=0.0,
        families={"lfcc": 2.0, "phase": -1.0, "texture": 0.1, "flatness": 0.0},
        bands=(BandWeight(0, 1000, 0.5), BandWeight(1000, 2000, -1.5)),
        segments=tuple(SegmentWeight(i, i + 3, weight) for i, weight in enumerate((0.1, 0.4, 0.0))),
    )
    named = explain.reasons(found)
    assert [reason.code for reason in named] == [
        "lfcc_fake",
        "band_real",
        "phase_real",
        "segment_fake",
    ]
    assert "Between 1000 and 2000 Hz" in reason_text(named[1].code, named[1].params)
    assert "from 1 s to 4 s" in reason_text(named[3].code, named[3].params)
    nothing = Explanation(usual=0.0, families={"lfcc": 0.0}, bands=(), segments=())
    assert explain.reasons(nothing) == []
