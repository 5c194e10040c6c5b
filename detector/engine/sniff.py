"""What a file is, by its first bytes: its name and its sender are not believed.

Standard library only, so that the web process can call it without loading a decoder.
"""

from collections.abc import Callable
from dataclasses import dataclass

from detector.engine.errors import ClipError

HEAD_BYTES = 8192
"""How much of a file `sniff` wants to see."""

_ENOUGH = 3 * 1728
"""Three of the longest MPEG audio frames."""


@dataclass(frozen=True, slots=True)
class Format:
    """A container that can be decoded.

    Parameters
    ----------
    container : str
        Its common name: wav, flac, mp3, aac, ogg, webm, mp4, amr or aiff.
    demuxer : str
        FFmpeg's demuxer for it, the only one that the decoder may open.
    start : int
        Bytes to skip before the container begins (ID3v2 tags with their pictures).
    """

    container: str
    demuxer: str
    start: int = 0


def sniff(head: bytes) -> Format:
    """Tell the container from the first bytes of a file.

    Parameters
    ----------
    head : bytes
        The file's first `HEAD_BYTES` bytes, or all of a shorter file.

    Returns
    -------
    Format
        Where little or nothing of `head` follows an ID3v2 tag, the answer is mp3 with `start`
        behind the tag: a caller who has the file sniffs again from there.

    Raises
    ------
    ClipError
        ``empty_file``, or ``unsupported_format`` with `found` naming what it looks like.
    """
    if not head:
        raise ClipError("empty_file")
    start = _id3v2_size(head)
    body = head[start:]
    if start and (len(body) < _ENOUGH or _id3v2_size(body)):
        return Format("mp3", "mp3", start)
    container = _container(body)
    if container is None:
        raise ClipError("unsupported_format", found=_name_of(body))
    return Format(container, _DEMUXERS.get(container, container), start)


_DEMUXERS = {"webm": "matroska", "mp4": "mov"}
"""FFmpeg's name for the demuxer, where it is not the container's own."""


def _id3v2_size(data: bytes) -> int:
    """Length in bytes of the ID3v2 tag that `data` begins with, else 0 (id3.org, ID3v2.4 3.1)."""
    if len(data) < 10 or data[:3] != b"ID3" or data[3] == 0xFF or max(data[6:10]) > 0x7F:
        return 0
    footer = 10 if data[5] & 0x10 else 0
    return 10 + (data[6] << 21 | data[7] << 14 | data[8] << 7 | data[9]) + footer


def _container(data: bytes) -> str | None:
    """Name the container that `data` begins with, if it is one that can be decoded."""
    magic, form = data[:4], data[8:12]
    if magic in (b"RIFF", b"RIFX", b"RF64", b"BW64") and form == b"WAVE":
        return "wav"
    if magic == b"FORM" and form in (b"AIFF", b"AIFC"):
        return "aiff"
    if magic == b"fLaC":
        return "flac"
    if magic == b"OggS":
        return "ogg"
    if magic == b"\x1aE\xdf\xa3" and (b"webm" in data[:64] or b"matroska" in data[:64]):
        return "webm"
    if data[4:8] == b"ftyp" and form not in _IMAGE_BRANDS:
        return "mp4"
    if data.startswith((b"#!AMR\n", b"#!AMR-WB\n")):
        return "amr"
    if _frames_follow(data, _adts_length, wanted=2):
        return "aac"
    if _is_mpeg_audio(data):
        return "mp3"
    return None


def _is_mpeg_audio(data: bytes) -> bool:
    """Whether `data` is a run of MPEG audio frames, perhaps after the rest of a cut frame."""
    if _frames_follow(data, _mpeg_length, wanted=2):
        return True
    # A stream that was cut begins in the middle of a frame. Three headers in a row, each where
    # the one before says, do not happen by chance.
    at = data.find(b"\xff")
    while at != -1:
        if _frames_follow(data[at:], _mpeg_length, wanted=3):
            return True
        at = data.find(b"\xff", at + 1)
    return False


def _frames_follow(data: bytes, length_of: Callable[[bytes], int], wanted: int) -> bool:
    """Whether `data` begins with `wanted` frame headers, each at the end of the frame before."""
    at = 0
    for _ in range(wanted):
        length = length_of(data[at : at + 7])
        if not length:
            return False
        at += length
    return True


def _mpeg_length(header: bytes) -> int:
    """Bytes of the MPEG-1/2/2.5 audio frame with this header, 0 if it is none (ISO 11172-3 2.4)."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return 0
    version, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    rate_index, rate_of_mpeg1 = header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or layer == 4 or rate_of_mpeg1 == 3 or header[3] & 3 == 2:
        return 0
    if rate_index in (0, 15):  # free format (which no encoder writes) and the forbidden value
        return 0
    mpeg1 = version == 3
    bits = _MPEG_KBITS[layer if mpeg1 else min(layer, 2) + 3][rate_index - 1] * 1000
    rate = (44_100, 48_000, 32_000)[rate_of_mpeg1] // {3: 1, 2: 2, 0: 4}[version]
    padding = header[2] >> 1 & 1
    if layer == 1:
        return (12 * bits // rate + padding) * 4
    return (144 if mpeg1 or layer == 2 else 72) * bits // rate + padding


_MPEG_KBITS = {
    1: range(32, 449, 32),
    2: (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    3: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    4: (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    5: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""Bit rates by header value: layers I, II, III of MPEG-1, layer I and layers II/III of MPEG-2."""


def _adts_length(header: bytes) -> int:
    """Bytes of the ADTS AAC frame with this header, 0 if it is none (ISO 13818-7 6.2)."""
    if len(header) < 7 or header[0] != 0xFF or header[1] & 0xF6 != 0xF0:
        return 0
    if header[2] >> 2 & 15 > 12:
        return 0
    length = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
    return length if length > 7 else 0


_IMAGE_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis", b"crx ")

_NAMES = (
    (b"PK\x03\x04", "zip archive"),
    (b"PK\x05\x06", "zip archive"),
    (b"\x1f\x8b", "gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "7z archive"),
    (b"Rar!", "rar archive"),
    (b"%PDF", "PDF document"),
    (b"\xd0\xcf\x11\xe0", "Office document"),
    (b"\x89PNG", "PNG image"),
    (b"\xff\xd8\xff", "JPEG image"),
    (b"GIF8", "GIF image"),
    (b"\x7fELF", "program"),
    (b"MZ", "program"),
    (b"MThd", "MIDI score"),
    (b"caff", "CAF audio"),
    (b".snd", "AU audio"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "Windows Media file"),
    (b"FLV", "Flash video"),
    (b"\x00\x00\x01\xba", "MPEG video"),
)
"""What people send by mistake, by how it begins."""


def _name_of(data: bytes) -> str:
    """Name, for a person, of something that cannot be decoded."""
    for magic, name in _NAMES:
        if data.startswith(magic):
            return name
    if data[:4] == b"RIFF":
        return {b"AVI ": "AVI video", b"WEBP": "WebP image"}.get(data[8:12], "RIFF file")
    if data[4:8] == b"ftyp":
        return "HEIF image"
    text = data.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"#extm3u", b"[playlist]")):
        return "playlist"
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "HTML page"
    return "text" if _is_text(data) else "unknown data"


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        if error.start < len(data) - 3:  # not just a character that the head cuts in two
            return False
    return not any(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in data)
