"""Ways in which a clip gets worse before it is judged, each at a fixed strength.

Unlike augmentation, nothing here is drawn by lot but noise and rooms, and these from the clip's
name alone: two models are compared on the same damage.
"""

import wave
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path

import av
import numpy as np
from scipy.signal import fftconvolve

from detector.engine.types import SAMPLE_RATE
from training.learning.material.audio import Samples, level, read_audio, resample
from training.learning.material.augmentation import encode

PAD_S = 0.7
TRIM_S = 0.15
Degradation = Callable[[Samples, np.random.Generator], bytes]
"""From 16 kHz audio to a file's content."""


def _coded(
    container: str, encoder: str, rate: int, kbps: float, samples: Samples, _: np.random.Generator
) -> bytes:
    return encode(samples, container, encoder, rate, round(kbps * 1000))


def _at_rate(rate: int, samples: Samples, _: np.random.Generator) -> bytes:
    return _wav(resample(samples, SAMPLE_RATE, rate), rate)


def _noisy(decibels: float, samples: Samples, draw: np.random.Generator) -> bytes:
    """Pink noise that many decibels below the voice."""
    white = np.fft.rfft(draw.standard_normal(len(samples)))
    pink = np.fft.irfft(white / np.sqrt(np.maximum(np.arange(len(white)), 20)), len(samples))
    loudness = float(np.sqrt(np.mean(samples**2)))
    return _wav(samples + level(pink.astype(np.float32), loudness * 10 ** (-decibels / 20)))


def _room(samples: Samples, draw: np.random.Generator) -> bytes:
    """0.4 s of reverberation, 3 dB below the direct sound, 5 ms behind it."""
    times = np.arange(round(0.4 * SAMPLE_RATE)) / SAMPLE_RATE
    tail = draw.standard_normal(len(times)) * 10 ** (-3 * times / 0.4)
    tail *= 10 ** (-3 / 20) / np.sqrt(np.sum(tail**2))
    answer = np.concatenate(([1.0], np.zeros(79), tail))
    return _wav(fftconvolve(samples, answer)[: len(samples)])


def _padded(samples: Samples, _: np.random.Generator) -> bytes:
    return _wav(np.pad(samples, round(PAD_S * SAMPLE_RATE)))


def _trimmed(samples: Samples, _: np.random.Generator) -> bytes:
    cut = min(round(TRIM_S * SAMPLE_RATE), len(samples) // 4)
    return _wav(samples[cut : len(samples) - cut])


def _quiet(samples: Samples, _: np.random.Generator) -> bytes:
    return _wav(samples * 0.1)


def _wav(samples: Samples, rate: int = SAMPLE_RATE) -> bytes:
    buffer = BytesIO()
    with wave.open(buffer, "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(rate)
        pcm = np.round(np.clip(samples, -1, 1) * 32767).astype("<i2")
        target.writeframes(pcm.tobytes())
    return buffer.getvalue()


DEGRADATIONS: dict[str, Degradation] = {
    **{
        f"mp3-{kbps}": partial(_coded, "mp3", "libmp3lame", 44_100 if kbps > 48 else 16_000, kbps)
        for kbps in (32, 48, 64, 128)
    },
    **{f"aac-{kbps}": partial(_coded, "adts", "aac", 16_000, kbps) for kbps in (32, 64)},
    **{f"opus-{kbps}": partial(_coded, "ogg", "libopus", 48_000, kbps) for kbps in (12, 16, 32)},
    "amr-nb": partial(_coded, "amr", "libopencore_amrnb", 8_000, 12.2),
    "g711": partial(_coded, "wav", "pcm_mulaw", 8_000, 64),
    **{f"rate-{rate}": partial(_at_rate, rate) for rate in (8_000, 11_025, 22_050, 44_100)},
    **{f"noise-{decibels}": partial(_noisy, decibels) for decibels in (20, 10)},
    "room": _room,
    "silence-added": _padded,
    "silence-trimmed": _trimmed,
    "quiet-20": _quiet,
}
"""By name; the number is the bit rate in kbit/s, the rate in Hz, or decibels."""


def degraded(path: Path, kind: str) -> bytes:
    """Content of a file with the clip at `path` after the degradation of that name.

    Raises
    ------
    OSError
        The clip cannot be read.
    """
    try:
        samples, rate = read_audio(path)
    except (av.FFmpegError, IndexError) as error:
        raise OSError(f"{path} holds no audio that can be read") from error
    draw = np.random.default_rng([*kind.encode(), *path.stem.encode()])
    return DEGRADATIONS[kind](resample(samples, rate), draw)
