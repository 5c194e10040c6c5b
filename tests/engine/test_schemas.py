"""What a feature schema promises: librosa's numbers, no gain, and windows that stand alone."""

import warnings

import librosa
import numpy as np
import pytest

from detector.engine import schemas, segments
from tests.engine import signals

NAMES = schemas.names()
OWN = ("voicetell-1", "voicetell-2")


def columns_of(name, samples):
    return schemas.get(name).compute(samples, [(0, samples.size)])[0]


def librosas_26(samples):
    """The 26 means as their users compute them: each from the waveform."""
    feature = librosa.feature
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # clips shorter than a frame; no peaks in silence
        means = [
            feature.chroma_stft(y=samples, sr=16_000).mean(),
            feature.rms(y=samples).mean(),
            feature.spectral_centroid(y=samples, sr=16_000).mean(),
            feature.spectral_bandwidth(y=samples, sr=16_000).mean(),
            feature.spectral_rolloff(y=samples, sr=16_000).mean(),
            feature.zero_crossing_rate(samples).mean(),
        ]
        return np.array([*means, *feature.mfcc(y=samples, sr=16_000, n_mfcc=20).mean(axis=1)])


def assert_librosas(samples):
    actual = columns_of("deepvoice-26", samples)
    # 5e-5 of nothing: librosa's own sums over -100 dB leave as much in MFCCs that should be 0.
    np.testing.assert_allclose(actual, librosas_26(samples), rtol=1e-4, atol=5e-5)


@pytest.mark.parametrize("name", signals.SPEECH)
def test_deepvoice_is_librosas_on_speech(name):
    samples = signals.clip(name)
    assert_librosas(samples)
    assert_librosas(samples[:8_000])  # half a second
    assert_librosas(1e-4 * samples[:16_000])  # 80 dB below
    assert_librosas(np.concatenate((samples[:16_000], signals.silence(1.0))))


@pytest.mark.parametrize("name", signals.ODD)
def test_deepvoice_is_librosas_on_what_is_not_speech(name):
    assert_librosas(signals.ODD[name])


@pytest.mark.parametrize("hertz", [100.0, 445.0, 3990.0])
def test_deepvoice_is_librosas_on_tones_off_tune(hertz):
    assert_librosas(signals.tone(hertz))


def test_deepvoice_columns_are_those_of_the_published_table():
    expected = "chroma_stft,rms,spectral_centroid,spectral_bandwidth,rolloff,zero_crossing_rate"
    assert schemas.get("deepvoice-26").columns[:6] == tuple(expected.split(","))
    assert schemas.get("deepvoice-26").columns[6:] == tuple(f"mfcc{i}" for i in range(1, 21))


@pytest.mark.parametrize("name", NAMES)
def test_windows_of_a_clip_are_as_each_alone(name):
    samples = np.concatenate([signals.clip(clip) for clip in signals.SPEECH])[: 11 * 16_000 + 777]
    windows = [*segments.windows(samples.size), (100, 3_000), (0, samples.size)]
    schema = schemas.get(name)
    alone = [columns_of(name, samples[start:stop]) for start, stop in windows]
    np.testing.assert_allclose(schema.compute(samples, windows), alone, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_columns_are_named_once_and_in_families(name):
    schema = schemas.get(name)
    assert len(set(schema.columns)) == len(schema.columns)
    grouped = [c for family in schema.families.values() for c in schema.columns[family]]
    assert tuple(grouped) == schema.columns


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("odd", signals.ODD)
def test_every_signal_has_finite_columns(name, odd):
    row = columns_of(name, signals.ODD[odd])
    assert row.shape == (len(schemas.get(name).columns),)
    assert row.dtype == np.float32
    assert np.isfinite(row).all()


@pytest.mark.parametrize("name", NAMES)
def test_the_same_clip_has_the_same_columns(name):
    samples = signals.clip("fake-hibari.flac")
    before = samples.copy()
    first, second = columns_of(name, samples), columns_of(name, samples)
    assert np.array_equal(first, second)
    assert np.array_equal(samples, before)


@pytest.mark.parametrize("name", NAMES)
def test_no_windows_no_rows(name):
    assert schemas.get(name).compute(signals.silence(), []).shape == (
        0,
        len(schemas.get(name).columns),
    )


@pytest.mark.parametrize("gain", [0.01, 0.1, 3.0])
@pytest.mark.parametrize("name", signals.SPEECH)
@pytest.mark.parametrize("schema", OWN)
def test_own_features_do_not_hear_the_gain(schema, name, gain):
    samples = signals.clip(name)
    expected = columns_of(schema, samples)
    np.testing.assert_allclose(columns_of(schema, gain * samples), expected, atol=5e-3)


@pytest.mark.parametrize("schema", OWN)
def test_own_features_do_not_hear_silence_around_speech(schema):
    """They are measured on speech frames: what silence adds is the frames at its edges."""
    samples = signals.clip("real-librivox.flac")[:32_000]
    padded = np.concatenate((samples, signals.silence(1.0)))
    before, after = (columns_of(schema, x) for x in (samples, padded))
    other = columns_of(schema, signals.clip("fake-hibari.flac")[:32_000])
    assert np.linalg.norm(after - before) < 0.2 * np.linalg.norm(other - before)


def test_an_unknown_schema_is_refused():
    with pytest.raises(KeyError):
        schemas.get("voicetell-0")
