"""A bad file gets a clear answer, and the next clip is decoded as if nothing had been."""

import struct

import numpy as np
import pytest

from detector.engine.decode import Decoder
from detector.engine.errors import ClipError, DecoderCrashedError
from tests.engine.audio_files import RATE, amr_wb, encode, id3, pcm16, speechlike, wav

SIGNAL = speechlike(4.0)
WAV = wav(pcm16(SIGNAL))
FLAC = encode(SIGNAL, container="flac", codec="flac")
MP3 = encode(SIGNAL, container="mp3", codec="libmp3lame", bits_per_second=32_000)
OGG = encode(SIGNAL, container="ogg", codec="libopus", bits_per_second=32_000)
WEBM = encode(SIGNAL, container="webm", codec="libopus", bits_per_second=32_000)
M4A = encode(SIGNAL, container="ipod", codec="aac", bits_per_second=32_000)
AAC = encode(SIGNAL, container="adts", codec="aac", bits_per_second=32_000)
ONE_NAN = np.where(np.arange(RATE) == 99, np.nan, 0.1)


def refusal(decoder, content, **limits):
    with pytest.raises(ClipError) as caught:
        decoder.decode(content, **limits)
    assert not isinstance(caught.value, DecoderCrashedError), caught.value.params
    return caught.value.code


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"This is no sound, whatever the name says.", "unsupported_format"),
        (b"PK\x03\x04" + bytes(500), "unsupported_format"),
        (b"<html><body>404</body></html>", "unsupported_format"),
        (b"#EXTM3U\n#EXTINF:9,\nhttp://127.0.0.1:6379/\n", "unsupported_format"),
        (b"#EXTM3U\n#EXTINF:9,\n/etc/passwd\n", "unsupported_format"),
        (np.random.default_rng(2).bytes(50_000), "unsupported_format"),
        (id3(b"", picture_bytes=20_000), "no_audio"),
        (id3(b""), "no_audio"),
        (id3(b"") * 500, "unsupported_format"),
        (b"RIFF\x24\0\0\0WAVE", "decode_failed"),
        (wav(b""), "no_audio"),
        (b"OggS" + bytes(300), "decode_failed"),
        (b"fLaC" + bytes(300), "decode_failed"),
        (b"#!AMR\n", "no_audio"),
        (M4A[: len(M4A) // 2], "decode_failed"),  # its index is at the end
        (wav(pcm16(SIGNAL[: RATE // 10])), "audio_too_short"),
        (wav(bytes(1000), claimed=0xFFFFFFF0), "audio_too_short"),
        (wav(bytes(4 * RATE), rate=1), "unsupported_rate"),
        (wav(bytes(4 * RATE), rate=1_000_000), "unsupported_rate"),
        (wav(bytes(4 * RATE), rate=4_000_000_000), "decode_failed"),
        (wav(bytes(RATE * 2 * 65), channels=65), "too_many_channels"),
        (wav(bytes(65_535 * 2 * 1000), channels=65_535), "decode_failed"),
        (wav(bytes(200 * 2 * 1000), channels=200), "too_many_channels"),
        (wav(ONE_NAN.astype("<f4").tobytes(), bits=32, tag=3), "not_finite"),
        (wav(np.full(RATE, np.inf, "<f4").tobytes(), bits=32, tag=3), "not_finite"),
        (
            wav((32_767 * SIGNAL).astype("<f4").tobytes(), bits=32, tag=3),
            "level_out_of_range",
        ),
        (wav(bytes(RATE), tag=0x2000), "unsupported_format"),  # AC-3
    ],
)
def test_a_bad_file_gets_a_clear_answer(decoder, content, code):
    assert refusal(decoder, content) == code


@pytest.mark.parametrize("content", [WAV, FLAC, MP3, OGG, WEBM, AAC])
def test_what_is_left_of_a_truncated_file_is_used(decoder, content):
    # In the middle of the third second, and of a frame.
    audio = decoder.decode(content[: int(len(content) * 0.6) | 1])
    assert 1.5 < audio.facts.duration < 3.5
    assert audio.facts.truncated


def test_a_video_without_sound_is_not_audio(decoder):
    file = encode(SIGNAL, container="webm", codec="libopus", with_video=True)
    # Turn the sound's track into subtitles: TrackType 2 -> 17 (Matroska, RFC 9559 5.1.4.1.3).
    assert file.count(b"\x83\x81\x02") == 1
    assert refusal(decoder, file.replace(b"\x83\x81\x02", b"\x83\x81\x11")) == "no_audio"


@pytest.mark.parametrize("seconds", [601, 3 * 3600])
def test_a_clip_that_is_too_long_is_refused(decoder, seconds):
    assert refusal(decoder, wav(bytes(8_000 * seconds), rate=8_000, bits=8)) == "audio_too_long"


@pytest.mark.parametrize("content", [FLAC, MP3, OGG, WEBM, M4A, AAC, amr_wb(100)])
def test_no_format_passes_the_limit_that_was_asked_for(decoder, content):
    assert refusal(decoder, content, max_seconds=1.0) == "audio_too_long"


def test_three_hours_of_mp3_without_a_header_are_not_decoded_to_the_end(decoder):
    frames = MP3[MP3.index(b"\xff\xf3", MP3.index(b"Info")) :]
    assert refusal(decoder, frames * (3 * 3600 // 4)) == "audio_too_long"


@pytest.mark.parametrize("seconds", [36_000, 60])
def test_a_header_that_claims_more_than_is_there_costs_nothing(decoder, seconds):
    data = pcm16(SIGNAL)
    audio = decoder.decode(wav(data, claimed=seconds * RATE * 2))
    assert audio.facts.duration == pytest.approx(4.0)
    assert audio.facts.truncated


def test_a_flac_header_that_claims_days_costs_nothing(decoder):
    samples = 30 * 3600 * RATE
    head = bytearray(FLAC)
    at = 4 + 4 + 14  # STREAMINFO: the low 32 of 36 bits of the number of samples
    assert struct.unpack_from(">I", head, at) == (len(SIGNAL),)
    struct.pack_into(">I", head, at, samples)
    audio = decoder.decode(bytes(head))
    assert audio.facts.duration == pytest.approx(4.0)
    assert audio.facts.truncated


def test_the_next_clip_is_decoded_as_if_nothing_had_been(decoder: Decoder):
    for content in (b"fLaC" + bytes(300), WAV[:5000], M4A[:2000]):
        with pytest.raises(ClipError):
            decoder.decode(content)
        assert decoder.decode(WAV).facts.duration == 4.0
