"""What happens to a voice between a mouth and a file, drawn by lot for both classes alike."""

from collections.abc import Callable
from io import BytesIO
from typing import cast

import av
import numpy as np
from av import AudioStream
from scipy.signal import fftconvolve, firwin2

from detector.engine.types import SAMPLE_RATE
from training.learning.material.audio import Samples, level, resample

Draw = np.random.Generator

Step = Callable[[Samples, Draw], Samples]
Codec = tuple[str, str, int, tuple[int, ...]]
"""Container, encoder, rate in Hz, bit rates."""

TELEPHONE: tuple[Codec, ...] = (
    ("amr", "libopencore_amrnb", 8_000, (5_900, 7_950, 12_200)),
    ("wav", "pcm_mulaw", 8_000, (64_000,)),
    ("wav", "pcm_alaw", 8_000, (64_000,)),
)
STRONG: tuple[Codec, ...] = (
    ("mp3", "libmp3lame", 16_000, (24_000, 32_000, 40_000, 48_000)),
    ("adts", "aac", 16_000, (24_000, 32_000, 40_000, 48_000)),
)
OPUS: Codec = ("ogg", "libopus", 48_000, (10_000, 12_000, 16_000, 20_000, 24_000, 32_000))
MIDDLE_RATES = (11_025, 12_000)

BENEATH = 0.2
"""Chance of another damage before the one that a copy is made for."""
SILENCE = 0.2
"""Chance of silence around it in the end."""


def equaliser(samples: Samples, draw: Draw) -> Samples:
    """A microphone's curve: gains of up to 8 dB at eight random places."""
    places = np.sort(draw.uniform(0.02, 0.98, 8))
    gains = 10 ** (draw.uniform(-8, 8, 10) / 20)
    curve = firwin2(129, [0, *places, 1], gains)
    return np.asarray(fftconvolve(samples, curve, mode="same"), dtype=np.float32)


def gain(samples: Samples, draw: Draw) -> Samples:
    """Between 30 dB down and 12 dB up, clipped and rounded to 16 bits."""
    loud = np.clip(samples * 10 ** (draw.uniform(-30, 12) / 20), -1, 1)
    return np.asarray(np.round(loud * 32767) / 32767, dtype=np.float32)


def crop(samples: Samples, draw: Draw) -> Samples:
    """A part of at least 1.2 s, if the clip is longer."""
    least = round(1.2 * SAMPLE_RATE)
    if len(samples) <= least:
        return samples
    length = int(draw.integers(least, len(samples)))
    start = int(draw.integers(0, len(samples) - length + 1))
    return samples[start : start + length]


def silence(samples: Samples, draw: Draw) -> Samples:
    """Up to 0.6 s of near silence at each end."""
    ends = [draw.standard_normal(int(draw.integers(0, 9600))) * 1e-4 for _ in range(2)]
    return np.concatenate([ends[0], samples, ends[1]]).astype(np.float32)


def telephone(samples: Samples, draw: Draw) -> Samples:
    """Nothing above 4 kHz: a telephone's codec, or only its sample rate."""
    kind = int(draw.integers(len(TELEPHONE) + 1))
    if kind == len(TELEPHONE):
        return _through_rate(samples, 8_000)
    return _coded(samples, TELEPHONE[kind], draw)


def strong_coding(samples: Samples, draw: Draw) -> Samples:
    """Little above 5 kHz: MP3 or AAC at low bit rates, or a low sample rate."""
    kind = int(draw.integers(2 * len(STRONG) + 1))
    if kind == 2 * len(STRONG):
        return _through_rate(samples, int(draw.choice(MIDDLE_RATES)))
    return _coded(samples, STRONG[kind % len(STRONG)], draw)


def opus(samples: Samples, draw: Draw) -> Samples:
    """A voice message: Opus invents the upper bands that it has no bits for."""
    return _coded(samples, OPUS, draw)


def noise(samples: Samples, draw: Draw) -> Samples:
    """Noise at 5 to 30 dB below the voice, its spectrum falling by 0 to 9 dB an octave."""
    white = np.fft.rfft(draw.standard_normal(len(samples)))
    slope = draw.uniform(0, 1.5)
    coloured = np.fft.irfft(white / np.maximum(np.arange(len(white)), 20) ** slope, len(samples))
    loudness = float(np.sqrt(np.mean(samples**2)))
    hiss = level(coloured.astype(np.float32), loudness * 10 ** (-draw.uniform(5, 30) / 20))
    return samples + hiss


def room(samples: Samples, draw: Draw) -> Samples:
    """A room of 0.1 to 0.7 s reverberation: noise that dies away after the direct sound."""
    seconds = draw.uniform(0.1, 0.7)
    times = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    tail = draw.standard_normal(len(times)) * 10 ** (-3 * times / seconds)
    tail *= 10 ** (-draw.uniform(0, 15) / 20) / np.sqrt(np.sum(tail**2))
    tail[0] = 1.0
    return np.asarray(fftconvolve(samples, tail)[: len(samples)], dtype=np.float32)


LIGHT: tuple[tuple[Step, float], ...] = ((crop, 0.2), (equaliser, 0.3), (gain, 0.3))
"""What may happen to any copy first, with the chance of each."""

DAMAGES: tuple[Step, ...] = (telephone, strong_coding, opus, noise, room)
"""What takes the evidence away, each in its own manner. Copy number k went through the k-th,
from 1: the networks have an expert for each (`training.learning.fitting`)."""


def drawn_copies(most: int, draw: Draw) -> list[int]:
    """Numbers of `most` different damages, from 1."""
    return sorted((1 + draw.permutation(len(DAMAGES))[:most]).tolist())


def augment(samples: Samples, number: int, draw: Draw) -> Samples:
    """Return copy `number` of 16 kHz audio: light changes, then the damage of that number."""
    for step, chance in LIGHT:
        if draw.random() < chance:
            samples = step(samples, draw)
    if draw.random() < BENEATH:
        samples = DAMAGES[int(draw.integers(len(DAMAGES)))](samples, draw)
    samples = DAMAGES[number - 1](samples, draw)
    return silence(samples, draw) if draw.random() < SILENCE else samples


def _through_rate(samples: Samples, rate: int) -> Samples:
    return resample(resample(samples, SAMPLE_RATE, rate), rate)


def _coded(samples: Samples, codec: Codec, draw: Draw) -> Samples:
    container, encoder, rate, bit_rates = codec
    return transcode(samples, container, encoder, rate, int(draw.choice(bit_rates)))


def transcode(samples: Samples, container: str, encoder: str, rate: int, bit_rate: int) -> Samples:
    """Encode 16 kHz audio at `rate` and `bit_rate`, decode it, and come back to 16 kHz."""
    content = BytesIO(encode(samples, container, encoder, rate, bit_rate))
    demuxer = "aac" if container == "adts" else container
    with av.open(content, "r", format=demuxer) as source:
        to_mono = av.AudioResampler("flt", "mono", SAMPLE_RATE)
        frames = [f for coded in source.decode(audio=0) for f in to_mono.resample(coded)]
        frames += to_mono.resample(None)
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.float32)


def encode(samples: Samples, container: str, encoder: str, rate: int, bit_rate: int) -> bytes:
    """Write 16 kHz audio as a file at `rate` and `bit_rate`."""
    buffer = BytesIO()
    audio = np.clip(resample(samples, SAMPLE_RATE, rate), -1, 1).astype(np.float32)
    with av.open(buffer, "w", format=container) as target:
        stream = cast(AudioStream, target.add_stream(encoder, rate=rate, layout="mono"))
        stream.bit_rate = bit_rate
        to_format = av.AudioResampler(stream.format.name, "mono", rate)
        frame = av.AudioFrame.from_ndarray(audio[None], format="flt", layout="mono")
        frame.sample_rate = rate
        for converted in to_format.resample(frame):
            for packet in stream.encode(converted):
                target.mux(packet)
        for packet in stream.encode(None):
            target.mux(packet)
    return buffer.getvalue()
