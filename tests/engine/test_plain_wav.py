"""A plain WAV is read without a decoder, and comes out as a decoder would have it."""

import struct

import numpy as np
import pytest

from detector.engine.decode import Decoder
from detector.engine.errors import ClipError
from tests.engine.audio_files import RATE, pcm16, speechlike, wav

CLIP = wav(pcm16(speechlike()))
NOTE = b"LIST" + struct.pack("<I", 5) + b"INFO!\0"


def with_chunk(file, chunk):
    """Put a chunk before the samples."""
    return file[:36] + chunk + file[36:]


@pytest.fixture
def cold():
    """A decoder whose helper was never needed."""
    with_none = Decoder()
    yield with_none
    with_none.close()


@pytest.mark.parametrize(
    "file", [CLIP, with_chunk(CLIP, NOTE), CLIP + b"id3 \0\0\0\0", wav(bytes(2 * RATE))]
)
def test_it_is_what_a_decoder_makes_of_the_same_samples(cold, decoder, file):
    plain = cold.decode(file)
    assert cold._zygote is None
    decoded = decoder.decode(with_chunk(file, b"JUNK\4\0\0\0\0\0\0\0"))
    assert np.array_equal(plain.samples, decoded.samples)
    assert plain.samples.dtype == decoded.samples.dtype
    assert plain.facts == decoded.facts


def test_the_loudest_samples_stay_within_full_scale(cold):
    loudest = np.array([-32768, 32767] * RATE, "<i2")
    samples = cold.decode(wav(loudest.tobytes())).samples
    assert (samples.min(), samples.max()) == (-1, np.float32(32767 / 32768))


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(wav(pcm16(speechlike()), rate=8_000), id="another rate"),
        pytest.param(wav(pcm16(speechlike()), channels=2), id="two channels"),
        pytest.param(CLIP[:20_001], id="cut off"),
        pytest.param(wav(pcm16(speechlike()), claimed=0xFFFFFFFF), id="of no stated length"),
        pytest.param(with_chunk(CLIP, b"JUNK\4\0\0\0\0\0\0\0"), id="an unknown chunk"),
        pytest.param(with_chunk(CLIP, NOTE * 4), id="many notes"),
    ],
)
def test_whatever_is_odd_is_left_to_a_decoder(cold, file):
    assert len(cold.decode(file).samples)
    assert cold._zygote is not None


@pytest.mark.parametrize(
    ("seconds", "code"), [(0.1, "audio_too_short"), (3, "audio_too_long"), (0, "no_audio")]
)
def test_too_long_and_too_short_are_refused_in_the_same_words(decoder, seconds, code):
    with pytest.raises(ClipError) as refusal:
        decoder.decode(wav(bytes(int(2 * RATE * seconds))), max_seconds=2)
    assert refusal.value.code == code
