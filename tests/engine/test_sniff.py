"""The content says what a file is; everything else is refused by name."""

import subprocess
import sys

import numpy as np
import pytest

from detector.engine.errors import ClipError
from detector.engine.sniff import HEAD_BYTES, Format, sniff
from tests.engine.audio_files import encode, id3, pcm16, speechlike, wav

TAGGED_MP3 = encode(speechlike(), container="mp3", codec="libmp3lame", bits_per_second=32_000)
MP3 = TAGGED_MP3[sniff(TAGGED_MP3).start :]
AAC = encode(speechlike(), container="adts", codec="aac", bits_per_second=32_000)


def refusal(head):
    with pytest.raises(ClipError) as caught:
        sniff(head)
    return caught.value


@pytest.mark.parametrize(
    ("head", "container", "demuxer"),
    [
        (wav(pcm16(speechlike())), "wav", "wav"),
        (b"RF64\xff\xff\xff\xffWAVEds64", "wav", "wav"),
        (b"fLaC\0\0\0\x22", "flac", "flac"),
        (b"OggS\0\x02", "ogg", "ogg"),
        (b"\x1aE\xdf\xa3\x87\x42\x82\x84webm", "webm", "matroska"),
        (b"\0\0\0\x1cftypM4A \0\0\0\0", "mp4", "mov"),
        (b"#!AMR\n\x3c", "amr", "amr"),
        (b"#!AMR-WB\n\x04", "amr", "amr"),
        (b"FORM\0\0\0\0AIFFCOMM", "aiff", "aiff"),
        (AAC, "aac", "aac"),
        (MP3, "mp3", "mp3"),
    ],
)  # fmt: skip
def test_known_containers(head, container, demuxer):
    assert sniff(head[:HEAD_BYTES]) == Format(container, demuxer)


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (b"PK\x03\x04\x14\0", "zip archive"),
        (b"%PDF-1.7", "PDF document"),
        (b"\x89PNG\r\n\x1a\n", "PNG image"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF" + b"\xff" * 400, "JPEG image"),
        (b"\0\0\0\x18ftypheic", "HEIF image"),
        (b"RIFF\0\0\0\0AVI LIST", "AVI video"),
        (b"#EXTM3U\n#EXT-X-TARGETDURATION:10\nfile:///etc/passwd\n", "playlist"),
        (b"\n <!DOCTYPE html><html>", "HTML page"),
        ("Grüße, this is only text.\n".encode(), "text"),
        (b"\x7fELF\x02\x01", "program"),
        (bytes(HEAD_BYTES), "unknown data"),
        (b"\xff" * HEAD_BYTES, "unknown data"),
    ],
)
def test_everything_else_is_refused_by_name(head, found):
    error = refusal(head)
    assert error.code == "unsupported_format"
    assert error.params == {"found": found}


def test_an_empty_file_is_called_empty():
    assert refusal(b"").code == "empty_file"


def test_mp3_that_was_cut_out_of_a_stream():
    assert sniff(MP3[400 : 400 + HEAD_BYTES]).container == "mp3"


def test_mp3_of_a_single_header_is_not_believed():
    assert refusal(MP3[:4] + bytes(4000)).code == "unsupported_format"


def test_random_bytes_are_never_audio():
    rng = np.random.default_rng(11)
    for _ in range(300):
        assert refusal(b"\xff\xfb" + rng.bytes(HEAD_BYTES)).code == "unsupported_format"


def test_what_follows_an_id3_tag_counts():
    assert sniff(id3(MP3)).container == "mp3"
    assert sniff(id3(AAC)).container == "aac"
    assert sniff(id3(MP3)).start == len(id3(b""))
    assert refusal(id3(b"PK\x03\x04" + bytes(HEAD_BYTES))).params == {"found": "zip archive"}


def test_a_tag_longer_than_the_head_says_where_to_look_next():
    tag = id3(b"", picture_bytes=100_000)
    assert sniff((tag + MP3)[:HEAD_BYTES]) == Format("mp3", "mp3", len(tag))


def test_the_web_process_needs_no_decoder_for_it():
    code = (
        "import sys, detector.engine.sniff; print([m for m in ('av', 'numpy') if m in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
