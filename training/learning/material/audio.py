"""Reading research audio and bringing every clip into one form."""

from math import gcd
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from detector.engine.types import SAMPLE_RATE

Samples = NDArray[np.float32]

CLIP_SECONDS = 2.2
RMS = 0.05
"""The level of every clip of the research corpus: -26 dBFS."""


def read_audio(path: Path, container: str | None = None) -> tuple[Samples, int]:
    """Decode a trusted file as it is.

    Parameters
    ----------
    path : Path
    container : str, optional
        FFmpeg's name of a headerless format, such as ``"g722"``.

    Returns
    -------
    samples : ndarray of shape (n,)
        Mono float32 at the file's own rate.
    rate : int
        In Hz.
    """
    blocks = []
    with av.open(str(path), format=container) as source:
        stream = source.streams.audio[0]
        rate = int(stream.rate)
        to_mono = av.AudioResampler(format="flt", layout="mono", rate=rate)
        for frame in source.decode(stream):
            blocks += [block.to_ndarray()[0] for block in to_mono.resample(frame)]
        blocks += [block.to_ndarray()[0] for block in to_mono.resample(None)]
    return np.concatenate(blocks).astype(np.float32), rate


def write_flac(path: Path, samples: Samples, rate: int = SAMPLE_RATE) -> None:
    """Write mono 16-bit FLAC, without dither, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pcm = np.round(np.clip(samples, -1, 1) * 32767).astype(np.int16)
    with av.open(str(path), "w", format="flac") as target:
        stream = target.add_stream("flac", rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(pcm[None], format="s16", layout="mono")
        frame.sample_rate = rate
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            target.mux(packet)


def resample(samples: Samples, rate: int, new_rate: int = SAMPLE_RATE) -> Samples:
    """Polyphase resampling of shape (n,) from `rate` to `new_rate`, both in Hz."""
    if rate == new_rate:
        return samples
    common = gcd(rate, new_rate)
    return np.asarray(resample_poly(samples, new_rate // common, rate // common), dtype=np.float32)


def trim(samples: Samples, floor_db: float = 40.0) -> Samples:
    """Cut what is `floor_db` below the loudest 32 ms at both ends (16 kHz audio)."""
    hop = 256
    n = len(samples) // hop
    if n < 2:
        return samples
    power = (samples[: n * hop].reshape(n, hop) ** 2).mean(axis=1)
    loud = np.flatnonzero(power > power.max() * 10 ** (-floor_db / 10))
    if not len(loud):
        return samples[:0]
    return samples[loud[0] * hop : (loud[-1] + 1) * hop]


def level(samples: Samples, rms: float = RMS) -> Samples:
    """Scale to a root mean square of `rms` (silence stays as it is)."""
    now = float(np.sqrt(np.mean(samples**2))) if len(samples) else 0.0
    return samples if now == 0 else (samples * np.float32(rms / now)).astype(np.float32)


def middle(samples: Samples, seconds: float = CLIP_SECONDS) -> Samples:
    """Return the middle `seconds` of 16 kHz audio, or all of it where it is shorter."""
    length = round(seconds * SAMPLE_RATE)
    start = max(0, (len(samples) - length) // 2)
    return samples[start : start + length]


def prepare(samples: Samples, rate: int) -> Samples:
    """Bring audio into the research corpus's form.

    16 kHz, silence trimmed at both ends, the middle 2.2 s, one level: so that nothing but the
    voice tells where a clip came from.
    """
    return level(middle(trim(resample(samples, rate))))
