"""Ways to damage a sound file, some of which know how its format is built.

Every function takes a source of chance, a file's bytes (changed in place) and other files to
borrow from. Which one is used, and how, follows from the random generator alone: a mutant is
found again by its seed and number.
"""

import struct
from collections.abc import Callable, Iterator, Sequence
from random import Random

_TELLING = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
"""Numbers at which sizes and counts go wrong."""

_HEAD = 600
"""Bytes in which headers lie, which are hit more often than sound."""

_MP4_PARENTS = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"udta", b"edts")
_EBML_PARENTS = (b"\x18\x53\x80\x67", b"\x16\x54\xae\x6b", b"\xae", b"\xe1", b"\x1f\x43\xb6\x75")


def mutate(random: Random, file: bytes, others: Sequence[bytes]) -> bytes:
    """Return a damaged copy of `file`: one to six changes, each of a kind drawn by chance."""
    data = bytearray(file)
    for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
        if data:
            random.choice(_KINDS)(random, data, others)
    if data[:4] == b"OggS" and random.random() < 0.8:
        _mend_ogg(data)
    return bytes(data)


def _at(random: Random, data: bytearray) -> int:
    reach = min(len(data), _HEAD) if random.random() < 0.6 else len(data)
    return random.randrange(reach)


def _flip_bits(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    for _ in range(random.choice((1, 1, 4, 32))):
        data[_at(random, data)] ^= 1 << random.randrange(8)


def _overwrite(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    at = _at(random, data)
    data[at : at + 16] = random.randbytes(min(random.randint(1, 16), len(data) - at))


def _write_telling_number(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    at, size = _at(random, data), random.choice((1, 2, 4, 8))
    number = random.choice(_TELLING) + random.choice((-1, 0, 0, 1))
    order = random.choice(("little", "big"))
    data[at : at + size] = (number % (1 << 8 * size)).to_bytes(size, order)


def _cut_off(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    del data[_at(random, data) :]


def _drop(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    at = _at(random, data)
    del data[at : at + random.choice((1, 4, 64, 1000))]


def _repeat(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    at = _at(random, data)
    piece = bytes(data[at : at + random.choice((4, 64, 1000))])
    data[at:at] = piece * random.choice((1, 1, 20))


def _fill(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    at = _at(random, data)
    size = min(random.choice((8, 100, 2000)), len(data) - at)
    data[at : at + size] = bytes([random.choice((0, 0xFF, 0x7F))]) * size


def _splice(random: Random, data: bytearray, others: Sequence[bytes]) -> None:
    """Go on as another file: of the same kind, or of another, which makes a polyglot."""
    other = random.choice(others)
    data[_at(random, data) :] = other[random.randrange(len(other)) :]


def _embed(random: Random, data: bytearray, others: Sequence[bytes]) -> None:
    """Put a whole other file into this one."""
    at = _at(random, data)
    data[at:at] = random.choice(others)


def _lie_about_a_size(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    """Change what a chunk, box, element or block says of its own length."""
    fields = list(_size_fields(data))
    if not fields:
        return
    at, size, order = random.choice(fields)
    now = int.from_bytes(data[at : at + size], order)
    most = (1 << 8 * size) - 1
    lie = random.choice((0, 1, now - 1, now + 1, now // 2, now * 2, most, most >> 1, len(data)))
    data[at : at + size] = (lie & most).to_bytes(size, order)


def _shuffle_parts(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    """Swap two chunks, boxes, elements or pages."""
    starts = sorted({at for at, _, _ in _size_fields(data)})
    if len(starts) < 3:
        return
    first, second = sorted(random.sample(range(len(starts) - 1), 2))
    a, b, c, d = starts[first], starts[first + 1], starts[second], starts[second + 1]
    data[a:d] = data[c:d] + data[b:c] + data[a:b]


def _lie_in_an_ogg_page(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    """Change a page's flags, position, serial number or order."""
    pages = list(_ogg_pages(data))
    if not pages:
        return
    at = random.choice(pages)
    offset, size = random.choice(((4, 1), (5, 1), (6, 8), (14, 4), (18, 4), (26, 1)))
    data[at + offset : at + offset + size] = random.randbytes(size)


_KINDS: tuple[Callable[[Random, bytearray, Sequence[bytes]], None], ...] = (
    _flip_bits,
    _overwrite,
    _write_telling_number,
    _cut_off,
    _drop,
    _repeat,
    _fill,
    _splice,
    _embed,
    _lie_about_a_size,
    _lie_about_a_size,
    _shuffle_parts,
    _lie_in_an_ogg_page,
)

_Field = tuple[int, int, str]
"""Where a length stands, in how many bytes, in which order."""


def _size_fields(data: bytearray) -> Iterator[_Field]:
    """Find the lengths that a file states, by what it seems to be."""
    if data[:4] in (b"RIFF", b"FORM"):
        yield from _chunks(data, "little" if data[0] == ord("R") else "big")
    elif data[4:8] == b"ftyp":
        yield from _boxes(data, 0, len(data))
    elif data[:4] == b"\x1aE\xdf\xa3":
        yield from _elements(data, 0, len(data), depth=0)
    elif data[:4] == b"fLaC":
        yield from _flac_blocks(data)
    elif data[:4] == b"OggS":
        yield from ((at + 27 + i, 1, "little") for at in _ogg_pages(data) for i in range(3))
    elif data[:3] == b"ID3":
        yield from ((6, 4, "big"), (14, 4, "big"))


def _chunks(data: bytearray, order: str) -> Iterator[_Field]:
    yield 4, 4, order
    at = 12
    while at + 8 <= len(data):
        yield at + 4, 4, order
        at += 8 + int.from_bytes(data[at + 4 : at + 8], order)  # type: ignore[arg-type]


def _boxes(data: bytearray, at: int, end: int) -> Iterator[_Field]:
    """ISO/IEC 14496-12 4.2; within sample tables also the counts of their entries."""
    while at + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, at)
        if size < 8:
            return
        yield at, 4, "big"
        if kind in _MP4_PARENTS:
            yield from _boxes(data, at + 8, min(end, at + size))
        elif kind in (b"stts", b"stsc", b"stsz", b"stco", b"stsd", b"esds", b"mdhd"):
            yield from ((at + offset, 4, "big") for offset in range(12, min(size, 28), 4))
        at += size


def _elements(data: bytearray, at: int, end: int, depth: int) -> Iterator[_Field]:
    """EBML, RFC 8794 4 and 6: numbers of a length that their first byte tells."""
    while at < end and depth < 6:
        id_size = 9 - data[at].bit_length()
        if id_size > 4 or at + id_size >= end:
            return
        kind, size_at = bytes(data[at : at + id_size]), at + id_size
        size = 9 - data[size_at].bit_length()
        if size > 8 or size_at + size > end:
            return
        yield size_at, size, "big"
        length = int.from_bytes(data[size_at : size_at + size], "big") & ((1 << 7 * size) - 1)
        body = size_at + size
        if kind in _EBML_PARENTS:
            yield from _elements(data, body, min(end, body + length), depth + 1)
        at = body + length


def _flac_blocks(data: bytearray) -> Iterator[_Field]:
    """RFC 9639 8: blocks of metadata; in the first, block and frame sizes, rate and length."""
    at = 4
    yield from ((8 + offset, size, "big") for offset, size in ((0, 2), (2, 2), (4, 3), (10, 4)))
    while at + 4 <= len(data):
        yield at + 1, 3, "big"
        last, at = data[at] & 0x80, at + 4 + int.from_bytes(data[at + 1 : at + 4], "big")
        if last:
            return


def _ogg_pages(data: bytearray) -> Iterator[int]:
    at = data.find(b"OggS")
    while at != -1 and at + 30 < len(data):
        yield at
        at = data.find(b"OggS", at + 4)


def _mend_ogg(data: bytearray) -> None:
    """Give each page the checksum of what it now holds, so that it is not dropped unread."""
    for at in list(_ogg_pages(data)):
        table = data[at + 27 : at + 27 + data[at + 26]]
        end = at + 27 + len(table) + sum(table)
        data[at + 22 : at + 26] = bytes(4)
        struct.pack_into("<I", data, at + 22, _ogg_checksum(data[at:end]))


def _ogg_checksum(page: bytearray) -> int:
    """RFC 3533 6: CRC-32 with polynomial 0x04c11db7, unreflected, beginning and ending at 0."""
    checksum = 0
    for byte in page:
        checksum = (checksum << 8 & 0xFFFFFFFF) ^ _CRC[checksum >> 24 ^ byte]
    return checksum


def _crc_of_byte(value: int) -> int:
    value <<= 24
    for _ in range(8):
        value = value << 1 ^ (0x104C11DB7 if value & 0x80000000 else 0)
    return value


_CRC = [_crc_of_byte(value) for value in range(256)]
