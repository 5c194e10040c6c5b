"""Every format that docs/formats.md promises comes out as the sound that went in."""

import io
import tempfile
from pathlib import Path

import numpy as np
import pytest

from detector.engine.types import SAMPLE_RATE
from tests.engine.audio_files import amr_wb, at_rate, encode, id3, likeness, pcm16, speechlike, wav

SIGNAL = speechlike()

LOSSLESS, GOOD, TELEPHONE = 0.9999, 0.98, 0.85

PCM = [
    ("pcm_u8", 0.998),
    ("pcm_s16le", LOSSLESS),
    ("pcm_s24le", LOSSLESS),
    ("pcm_s32le", LOSSLESS),
    ("pcm_f32le", LOSSLESS),
    ("pcm_f64le", LOSSLESS),
    ("pcm_alaw", 0.998),
    ("pcm_mulaw", 0.998),
    ("adpcm_ms", 0.98),
    ("adpcm_ima_wav", 0.98),
]

FORMATS = [
    # FFmpeg's muxer, encoder, rates, our container, our codec, likeness
    ("flac", "flac", (8_000, 44_100, 96_000), "flac", "flac", LOSSLESS),
    ("mp3", "libmp3lame", (8_000, 16_000, 44_100), "mp3", "mp3", GOOD),
    ("ogg", "vorbis", (44_100,), "ogg", "vorbis", 0.9),
    ("ogg", "libopus", (8_000, 16_000, 48_000), "ogg", "opus", 0.9),
    ("ogg", "flac", (16_000,), "ogg", "flac", LOSSLESS),
    ("webm", "libopus", (48_000,), "webm", "opus", 0.9),
    ("ipod", "aac", (16_000, 44_100), "mp4", "aac", GOOD),
    ("ipod", "alac", (44_100,), "mp4", "alac", LOSSLESS),
    ("adts", "aac", (16_000, 44_100), "aac", "aac", GOOD),
    ("amr", "libopencore_amrnb", (8_000,), "amr", "amr_nb", TELEPHONE),
    ("aiff", "pcm_s16be", (22_050,), "aiff", "pcm_s16be", LOSSLESS),
]


def assert_is_the_signal(audio, rate, least):
    assert audio.samples.dtype == np.float32
    assert audio.samples.ndim == 1
    assert len(audio.samples) / SAMPLE_RATE == pytest.approx(audio.facts.duration)
    assert audio.facts.duration == pytest.approx(len(SIGNAL) / SAMPLE_RATE, abs=0.15)
    assert not audio.facts.truncated
    assert likeness(audio.samples, SIGNAL) > least


@pytest.mark.parametrize(("codec", "least"), PCM)
@pytest.mark.parametrize("layout", ["mono", "stereo"])
def test_wav_of_every_sample_format(decoder, codec, least, layout):
    file = encode(at_rate(SIGNAL, 22_050), container="wav", codec=codec, rate=22_050, layout=layout)
    audio = decoder.decode(file)
    assert_is_the_signal(audio, 22_050, least)
    assert (audio.facts.container, audio.facts.codec) == ("wav", codec)
    assert audio.facts.channels == (1 if layout == "mono" else 2)


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 44_100, 48_000, 96_000, 192_000])
def test_wav_of_every_rate(decoder, rate):
    audio = decoder.decode(wav(pcm16(at_rate(SIGNAL, rate)), rate=rate))
    assert_is_the_signal(audio, rate, LOSSLESS)
    assert audio.facts.sample_rate == rate
    assert len(audio.samples) == pytest.approx(len(SIGNAL), abs=2)


@pytest.mark.parametrize(
    ("muxer", "encoder", "rate", "container", "codec", "least"),
    [
        (muxer, encoder, rate, container, codec, least)
        for muxer, encoder, rates, container, codec, least in FORMATS
        for rate in rates
    ],
)
def test_every_other_format(decoder, muxer, encoder, rate, container, codec, least):
    layout = "stereo" if encoder == "vorbis" else "mono"
    bits = {"libopencore_amrnb": 12_200, "libopus": 64_000}.get(encoder, 128_000)
    if rate < 32_000 and encoder in ("libmp3lame", "aac"):
        bits = 32_000
    file = encode(
        at_rate(SIGNAL, rate),
        container=muxer,
        codec=encoder,
        rate=rate,
        layout=layout,
        bits_per_second=bits,
    )
    audio = decoder.decode(file)
    assert (audio.facts.container, audio.facts.codec) == (container, codec)
    assert_is_the_signal(audio, rate, least)


def test_wideband_amr_is_read(decoder):
    audio = decoder.decode(amr_wb(frames=100))
    assert (audio.facts.codec, audio.facts.sample_rate) == ("amr_wb", 16_000)
    assert audio.facts.duration == pytest.approx(2.0, abs=0.05)


def test_a_plain_recording_comes_out_bit_for_bit(decoder):
    numbers = np.random.default_rng(0).integers(-32768, 32768, SAMPLE_RATE, dtype="<i2")
    audio = decoder.decode(wav(numbers.tobytes()))
    np.testing.assert_array_equal(audio.samples, numbers / np.float32(32768))


@pytest.mark.parametrize("channels", [2, 3, 6, 8, 11, 32, 64])
def test_channels_are_averaged(decoder, channels):
    numbers = np.random.default_rng(0).integers(-32768, 32768, (SAMPLE_RATE, channels))
    audio = decoder.decode(wav(numbers.astype("<i2").tobytes(), channels=channels))
    assert audio.facts.channels == channels
    np.testing.assert_allclose(audio.samples, numbers.mean(axis=1) / 32768, atol=1e-6)


def test_nothing_above_half_the_rate_is_folded_down(decoder):
    seconds = np.arange(48_000) / 48_000
    tone = (0.5 * np.sin(2 * np.pi * 8_500 * seconds)).astype(np.float32)
    audio = decoder.decode(wav(pcm16(tone), rate=48_000))
    middle = audio.samples[4_000:-4_000]
    assert 20 * np.log10(middle.std() / tone.std()) < -80


def test_a_big_cover_picture_is_skipped(decoder):
    mp3 = encode(SIGNAL, container="mp3", codec="libmp3lame", bits_per_second=32_000)
    audio = decoder.decode(id3(mp3, picture_bytes=300_000))
    assert audio.facts.codec == "mp3"
    assert likeness(audio.samples, SIGNAL) > GOOD


def test_the_sound_of_a_video_is_used(decoder):
    file = encode(
        at_rate(SIGNAL, 48_000), container="webm", codec="libopus", rate=48_000, with_video=True
    )
    assert likeness(decoder.decode(file).samples, SIGNAL) > 0.9


@pytest.mark.parametrize("claimed", [0, 0xFFFFFFFF])
def test_a_wav_that_was_streamed_has_no_length_in_its_header(decoder, claimed):
    audio = decoder.decode(wav(pcm16(SIGNAL), claimed=claimed))
    assert audio.facts.duration == pytest.approx(2.0)
    assert likeness(audio.samples, SIGNAL) > LOSSLESS


def test_silence_is_audio(decoder):
    audio = decoder.decode(wav(bytes(2 * SAMPLE_RATE)))
    assert audio.facts.duration == 1.0
    assert not audio.samples.any()


def test_what_a_lossy_codec_overshoots_is_clipped(decoder):
    loud = np.tile(np.float32([1.5, -1.5]), SAMPLE_RATE // 2)
    audio = decoder.decode(wav(loud.astype("<f4").tobytes(), bits=32, tag=3))
    assert audio.samples.max() == 1.0
    assert audio.samples.min() == -1.0


def test_a_path_an_open_file_and_bytes_give_the_same(decoder, tmp_path):
    content = wav(pcm16(SIGNAL))
    path = tmp_path / "clip.txt"
    path.write_bytes(content)
    wanted = decoder.decode(content).samples
    assert np.array_equal(decoder.decode(Path(path)).samples, wanted)
    with path.open("rb") as file:
        file.seek(100)
        assert np.array_equal(decoder.decode(file).samples, wanted)
        assert file.tell() == 100
    with tempfile.SpooledTemporaryFile() as spooled:
        spooled.write(content)
        assert np.array_equal(decoder.decode(spooled).samples, wanted)
    assert np.array_equal(decoder.decode(io.BytesIO(content)).samples, wanted)
