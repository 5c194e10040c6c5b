"""A file that needs no decoder: a WAV of 16-bit samples, one channel, at our own rate.

That is what speech systems keep and send. To read it is arithmetic on a header of 44 bytes and on
samples, in a language that minds its memory: no parser in C sees it, so there is nothing to
confine, and the process that a decoder gets for each clip costs more than all else that is done
before the features. Whatever is odd about a file in the least is left to the decoder.
"""

import os
import struct

import numpy as np
from numpy.typing import NDArray

from detector.engine.types import SAMPLE_RATE

_HEADER = struct.Struct("<4sI4s4sIHHIIHH")
_CHUNK = struct.Struct("<4sI")
_PCM, _CHANNELS, _BITS = 1, 1, 16
_MOST_NOTES = 4


def read(fd: int, *, min_seconds: float, max_seconds: float) -> NDArray[np.float32] | None:
    """Return the samples of a whole and plain file, in -1..1, or None.

    Parameters
    ----------
    fd : int
        A regular file.
    min_seconds, max_seconds : float
        What is shorter or longer is not plain either.
    """
    head = os.pread(fd, _HEADER.size, 0)
    if len(head) < _HEADER.size:
        return None
    riff, _, wave, fmt, length, *kind = _HEADER.unpack(head)
    if (riff, wave, fmt, length) != (b"RIFF", b"WAVE", b"fmt ", 16):
        return None
    width = _BITS // 8
    if kind != [_PCM, _CHANNELS, SAMPLE_RATE, SAMPLE_RATE * width, width, _BITS]:
        return None
    at = _HEADER.size
    for _ in range(_MOST_NOTES):
        chunk = os.pread(fd, _CHUNK.size, at)
        if len(chunk) < _CHUNK.size:
            return None
        name, size = _CHUNK.unpack(chunk)
        at += _CHUNK.size
        if name == b"data":
            return _samples(fd, at, size, min_seconds, max_seconds)
        if name != b"LIST":  # a title, a program's name
            return None
        at += size + size % 2
    return None


def _samples(
    fd: int, start: int, size: int, min_seconds: float, max_seconds: float
) -> NDArray[np.float32] | None:
    seconds = size / (SAMPLE_RATE * _BITS // 8)
    if size % 2 or not min_seconds <= seconds <= max_seconds:
        return None
    data = os.pread(fd, size, start)
    if len(data) < size:  # cut off
        return None
    return np.frombuffer(data, "<i2").astype(np.float32) / np.float32(32_768)
