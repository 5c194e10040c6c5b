"""Which windows of a clip are worth scoring: those with enough speech in them.

The clip is cut into windows of 3 s every 1 s; the last one ends where the clip ends, and a clip
shorter than 3 s is one window. Every 16 ms, a frame of 32 ms counts as

- *active* where it is louder than -80 dBFS and within 35 dB of the clip's loud frames (the 95th
  percentile of its level), so that the clip's own gain does not matter;
- *voiced* where it is active and periodic: its autocorrelation, between lags of 70 and 400 Hz,
  rises to 0.5 of the power, as vowels do and noise does not;
- *speech* where it is active and a voiced frame lies within 0.25 s of it, so that the consonants
  around a vowel count and a hiss does not.

A steady tone or hum is periodic too, but it does not move: where the level of a window's active
frames spreads by less than 1.5 dB, the window holds no speech. People do not hold a note for 3 s.

A window is `silence` where less than a tenth of a second is active, `little_speech` where less than
1 s (half the window, where that is shorter) is speech, else `speech`.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfft
from scipy.ndimage import maximum_filter1d

from detector.engine import spectrum
from detector.engine.types import SAMPLE_RATE, Segment, SegmentKind

WINDOW = 3 * SAMPLE_RATE
HOP = SAMPLE_RATE

FRAME = 512
FRAME_HOP = 256
FLOOR_DBFS = -80.0
ACTIVE_RANGE_DB = 35.0
PERIODIC = 0.5
LAGS = slice(SAMPLE_RATE // 400, SAMPLE_RATE // 70)
REACH_S = 0.25
STEADY_DB = 1.5
SILENT_S = 0.1
ENOUGH_SPEECH_S = 1.0

_FRAME_S = FRAME_HOP / SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Cut:
    """The windows of a clip and how much of it is speech."""

    segments: tuple[Segment, ...]
    speech_seconds: float

    @property
    def speech_windows(self) -> list[tuple[int, int]]:
        """The windows that hold enough speech, as (start, stop) in samples."""
        return [
            (round(segment.start * SAMPLE_RATE), round(segment.end * SAMPLE_RATE))
            for segment in self.segments
            if segment.kind is SegmentKind.SPEECH
        ]


def windows(n_samples: int) -> list[tuple[int, int]]:
    """Windows over a clip of `n_samples`, as (start, stop) in samples; together they cover it."""
    if n_samples <= WINDOW:
        return [(0, n_samples)]
    last = n_samples - WINDOW
    starts = [*range(0, last, HOP), last]
    return [(start, start + WINDOW) for start in starts]


def cut(samples: NDArray[np.float32]) -> Cut:
    """Cut a clip into windows and tell which of them hold speech.

    Parameters
    ----------
    samples : ndarray of shape (n_samples,)
        Mono float32 at 16 kHz, full scale at 1; at least one sample.

    Returns
    -------
    Cut
        Segments in order of time, without scores.
    """
    level, active, voiced = _frames(samples)
    reach = 2 * round(REACH_S / _FRAME_S) + 1
    speech = active & maximum_filter1d(voiced, reach, mode="constant")
    segments = []
    spoken = np.zeros_like(speech)
    for start, stop in windows(samples.size):
        inside = slice(start // FRAME_HOP, max(stop // FRAME_HOP, start // FRAME_HOP + 1))
        kind = _kind(level[inside], active[inside], speech[inside], (stop - start) / SAMPLE_RATE)
        if kind is SegmentKind.SPEECH:
            spoken[inside] = speech[inside]
        segments.append(Segment(start / SAMPLE_RATE, stop / SAMPLE_RATE, kind))
    return Cut(tuple(segments), float(spoken.sum() * _FRAME_S))


def _kind(
    level: NDArray[np.float32],
    active: NDArray[np.bool_],
    speech: NDArray[np.bool_],
    duration: float,
) -> SegmentKind:
    if active.sum() * _FRAME_S < min(SILENT_S, duration / 2):
        return SegmentKind.SILENCE
    enough = min(ENOUGH_SPEECH_S, duration / 2)
    if speech.sum() * _FRAME_S < enough or level[active].std() < STEADY_DB:
        return SegmentKind.LITTLE_SPEECH
    return SegmentKind.SPEECH


def _frames(
    samples: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]:
    """Level in dBFS of each frame, whether it is active, and whether it is voiced."""
    whole = np.pad(samples, (0, max(0, FRAME - samples.size)))
    frames = spectrum.frame(whole, FRAME, FRAME_HOP) * spectrum.hann(FRAME).astype(np.float32)
    # Twice the length, so that the correlation does not run around the frame's end.
    power = spectrum.power(rfft(frames, 2 * FRAME, workers=1))
    bin_hz = SAMPLE_RATE / (2 * FRAME)
    # What is below 60 Hz is rumble and offset, no voice.
    power[:, : round(60 / bin_hz)] = 0.0
    # The window keeps 3/8 of a frame's power, and half of that is at positive frequencies.
    level = 10 * np.log10(power.sum(axis=1) / (FRAME**2 * 3 / 8) + 1e-12)
    active = level > max(FLOOR_DBFS, float(np.percentile(level, 95)) - ACTIVE_RANGE_DB)
    # Tilted up by 6 dB an octave, where rumble and wind (falling noise) are no longer periodic,
    # and up to 4 kHz, where a voice still is.
    power *= np.square(spectrum.frequencies(2 * FRAME))
    power[:, round(4000 / bin_hz) :] = 0.0
    correlation = irfft(power, workers=1)
    periodicity = (correlation[:, LAGS] / _taper()[LAGS]).max(axis=1)
    return level, active, active & (periodicity > PERIODIC * correlation[:, 0])


@lru_cache(maxsize=1)
def _taper() -> NDArray[np.float32]:
    """Autocorrelation of the window, 1 at lag 0: by it that of a windowed frame is divided.

    Boersma, P. (1993). Accurate short-term analysis of the fundamental frequency and the
    harmonics-to-noise ratio of a sampled sound.
    """
    correlation = irfft(spectrum.power(rfft(spectrum.hann(FRAME), 2 * FRAME)))[:FRAME]
    taper: NDArray[np.float32] = (correlation / correlation[0]).astype(np.float32)
    return taper
