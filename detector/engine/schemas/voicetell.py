"""`voicetell-1`: the project's own features, chosen to hold on voices and channels never heard.

Everything is measured on a window's speech frames (within 40 dB of its loud ones), is free of gain,
and leaves out the mean spectrum, which tells the microphone and not the speaker. The families:

- `lfcc`: spread, skew and kurtosis of linear-frequency cepstra and spread and kurtosis of their
  differences over time: synthetic speech moves less, or less irregularly.
- `correlation`: how the levels of 20 bands, and their changes, move together.
- `flatness`: how noise-like each band is, and how much that varies.
- `texture`: variance and kurtosis of the log spectrum's differences from bin to bin and from frame
  to frame: natural noise is Rayleigh-distributed, a vocoder's is often not.
- `phase`: coherence, per band, of group delay and of its change from frame to frame.
- `fine_spectrum`: ripple and cepstrum of the long-term spectrum, where upsampling layers leave
  combs and tones at fixed frequencies.

Frames are shared between overlapping windows: both frame rates divide the sampling rate, so the
windows' edges fall on the same frames, and the floor of a logarithm hangs on the frame alone.

`voicetell-2` is the same without phase, which cost a quarter of the time and told nothing of voices
never heard (docs/research.md), beside what a speech network hears: the family `learned`.

References
----------
Sahidullah, M., Kinnunen, T. and Hanilci, C. (2015). A comparison of features for synthetic speech
detection. Interspeech.
Saratxaga, I. et al. (2016). Synthetic speech detection using phase information. Speech Comm. 81.
Pons, J. et al. (2021). Upsampling artifacts in neural audio synthesis. ICASSP.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft

from detector.engine import spectrum
from detector.engine.schemas import encoder
from detector.engine.schemas.schema import Schema, Windows
from detector.engine.types import SAMPLE_RATE

Array = NDArray[Any]

SIZE, HOP = 512, 160
FINE_SIZE, FINE_HOP = 2048, 500
GRID = lcm(HOP, FINE_HOP)
"""Windows whose starts differ by a multiple of this many samples share their frames."""
SHORTEST = 4096
"""A shorter window is padded with zeros to this length."""

SPEECH_RANGE = 1e-4  # power: 40 dB below the loud frames
FLOOR = 1e-6  # of a frame's mean power per bin, before a logarithm
N_FILTERS = 40
N_CEPSTRA = 24
N_LEVELS = 20
N_BANDS = 16
BAND_EDGES = np.linspace(1, SIZE // 2, N_BANDS + 1).astype(int)
N_RIPPLE = 16
N_QUEFRENCY = 32
BANDS_HZ = ((0, 1000), (1000, 2000), (2000, 4000), (4000, 6000), (6000, 8000))
_BAND_WEIGHTS = np.zeros((SIZE // 2 + 1, N_BANDS), dtype=np.float32)
for _band, (_low, _high) in enumerate(pairwise(BAND_EDGES)):
    _BAND_WEIGHTS[_low:_high, _band] = 1.0 / (_high - _low)
_TINY = 1e-30


@dataclass(frozen=True, slots=True)
class _Track:
    """Values of a span of frames each: row t is made of the frames from t to t + span."""

    values: Array
    span: int = 0

    def inside(self, first: int, speech: NDArray[np.bool_]) -> Array:
        """Rows that begin, lie and end in speech, and in the window that begins at `first`."""
        rows = speech.size - self.span
        chosen = speech[:rows] & speech[self.span :]
        if self.span > 1:
            chosen &= speech[self.span // 2 :][:rows]
        return self.values[first : first + rows][chosen]


def compute(samples: Array, windows: Windows, *, phase: bool = True) -> Array:
    """Compute the columns of each window; windows on one grid share their frames.

    Without `phase`, that family is left out and not computed.
    """
    count = len(COLUMNS) - (0 if phase else len(_FAMILIES["phase"]))
    result = np.empty((len(windows), count), dtype=np.float32)
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    for i, (start, stop) in enumerate(windows):
        alone = stop - start < SHORTEST
        groups[(1, i) if alone else (0, start % GRID)].append(i)
    for members in groups.values():
        begin = min(windows[i][0] for i in members)
        end = max(windows[i][1] for i in members)
        frames = _Frames(samples[begin:end], phase=phase)
        for i in members:
            start, stop = windows[i]
            result[i] = frames.columns(start - begin, max(stop - start, SHORTEST))
    return result


class _Frames:
    """Everything that can be said of single frames, for a stretch of samples."""

    def __init__(self, samples: Array, *, phase: bool) -> None:
        samples = np.pad(samples, (0, max(0, SHORTEST - samples.size)))
        transform = spectrum.stft(samples, SIZE, HOP)
        power = spectrum.power(transform)
        self.energy = power[:, 2:].sum(axis=1)
        log_power, floor = _log(power)
        filters = np.log(power @ spectrum.linear_bank(N_FILTERS, SIZE).T + floor)
        self.lfcc = _differences(filters @ spectrum.dct_matrix(N_CEPSTRA, N_FILTERS).T)
        levels = filters.reshape(len(filters), N_LEVELS, -1).mean(axis=2)
        self.levels = [_Track(levels), _Track(levels[2:] - levels[:-2], span=2)]
        self.flatness = _Track(_band_means(log_power) - np.log(_band_means(power) + floor))
        self.textures = _textures(log_power)
        self.phases = _phases(transform, power) if phase else []
        fine = spectrum.power(spectrum.stft(samples, FINE_SIZE, FINE_HOP))
        self.fine_energy = fine[:, 8:].sum(axis=1)
        self.fine = _log(fine)[0]

    def columns(self, start: int, length: int) -> Array:
        """Columns of the window of `length` samples that begins `start` samples in."""
        first = start // HOP
        speech = _speech(self.energy[first : first + 1 + (length - SIZE) // HOP])
        first_fine = start // FINE_HOP
        fine = slice(first_fine, first_fine + 1 + (length - FINE_SIZE) // FINE_HOP)
        fine_speech = _speech(self.fine_energy[fine])
        parts = [
            *_moments(self.lfcc[0].inside(first, speech)),
            *(
                part
                for track in self.lfcc[1:]
                for part in _moments(track.inside(first, speech))[::2]
            ),
            *(_correlations(track.inside(first, speech)) for track in self.levels),
            *_mean_and_spread(self.flatness.inside(first, speech)),
            *(_texture_columns(track.inside(first, speech)) for track in self.textures),
            *(_mean(track.inside(first, speech)) for track in self.phases),
            *_fine_columns(_mean(self.fine[fine][fine_speech])),
        ]
        return np.concatenate(parts)


def _log(power: Array) -> tuple[Array, Array]:
    """Logarithm of a power spectrum over a floor that hangs on the frame's power, and the floor."""
    floor = FLOOR * power.mean(axis=1, keepdims=True) + np.float32(_TINY)
    return np.log(power + floor), floor


def _speech(energy: Array) -> NDArray[np.bool_]:
    """Frames within `SPEECH_RANGE` of the 95th percentile; all of them in digital silence."""
    rank = round(0.95 * (energy.size - 1))
    loud = np.partition(energy, rank)[rank]
    chosen: NDArray[np.bool_] = energy >= loud * np.float32(SPEECH_RANGE)
    return chosen


def _band_means(values: Array) -> Array:
    """Means over the bins of each band, as a product with `_BAND_WEIGHTS`."""
    means: Array = values @ _BAND_WEIGHTS[: values.shape[1]]
    return means


def _differences(cepstra: Array) -> list[_Track]:
    return [
        _Track(cepstra),
        _Track(cepstra[1:] - cepstra[:-1], span=1),
        _Track(cepstra[4:] - cepstra[:-4], span=4),
        _Track(cepstra[4:] - 2 * cepstra[2:-2] + cepstra[:-4], span=4),
    ]


def _textures(log_power: Array) -> list[_Track]:
    """Band means of second and fourth powers of the log spectrum's differences."""
    differences = (
        (log_power[:, 1:] - log_power[:, :-1], 0),
        (log_power[:, 2:] - log_power[:, :-2], 0),
        (log_power[1:] - log_power[:-1], 1),
        (log_power[3:] - log_power[:-3], 3),
    )
    tracks = []
    for difference, span in differences:
        square = difference * difference
        both = (_band_means(square), _band_means(square * square))
        tracks.append(_Track(np.concatenate(both, axis=1), span=span))
    return tracks


def _texture_columns(values: Array) -> Array:
    second, fourth = np.split(_mean(values), 2)
    return np.log(np.concatenate((second + 1e-6, (fourth + 1e-6) / (second**2 + 1e-6))))


def _phases(transform: Array, power: Array) -> list[_Track]:
    """Band means of unit phasors: phase differences over frequency, and over both axes."""
    unit = transform * (1 / np.sqrt(power + np.float32(_TINY)))
    delay = unit[:, 1:] * unit.conj()[:, :-1]
    tracks = []
    for phasor, span in ((delay, 0), (delay[1:] * delay.conj()[:-1], 1)):
        real, imag = _band_means(phasor.real), _band_means(phasor.imag)
        values = np.concatenate((real, imag, np.hypot(real, imag)), axis=1)
        tracks.append(_Track(values, span=span))
    return tracks


def _fine_columns(log_spectrum: Array) -> tuple[Array, ...]:
    """Ripple's shape per band; the cepstrum's mean and highest magnitude per quefrency range."""
    width = 33
    smooth = np.convolve(np.pad(log_spectrum, width // 2, mode="edge"), np.ones(width) / width)
    ripple = (log_spectrum - smooth[width - 1 : 1 - width])[: FINE_SIZE // 2]
    ripple = ripple.reshape(N_RIPPLE, -1)
    variance = (ripple**2).mean(axis=1) + 1e-6
    cepstrum = np.abs(irfft(log_spectrum)[N_QUEFRENCY : FINE_SIZE // 2])
    ranges = cepstrum.reshape(N_QUEFRENCY, -1)
    return (
        np.log(variance),
        (ripple**3).mean(axis=1) / variance**1.5,
        ripple.max(axis=1),
        ripple.min(axis=1),
        np.log(ranges.mean(axis=1) + 1e-6),
        np.log(ranges.max(axis=1) + 1e-6),
    )


def _mean(values: Array) -> Array:
    """Mean over frames, 0 where a very short window has none."""
    mean: Array = values.sum(axis=0) / max(len(values), 1)
    return mean


def _moments(values: Array) -> tuple[Array, Array, Array]:
    """Log standard deviation, skew, and log kurtosis over frames."""
    centred = values - _mean(values)
    square = centred * centred
    variance = _mean(square) + np.float32(1e-6)
    skew = _mean(square * centred) / variance**1.5
    kurtosis = (_mean(square * square) + np.float32(1e-12)) / variance**2
    return np.log(variance) / 2, skew, np.log(kurtosis)


def _mean_and_spread(values: Array) -> tuple[Array, Array]:
    mean = _mean(values)
    return mean, np.sqrt(_mean((values - mean) ** 2))


def _correlations(values: Array) -> Array:
    """Upper triangle of the correlation matrix; 0 for what does not move."""
    centred = values - _mean(values)
    centred = centred / np.sqrt((centred**2).sum(axis=0) + 1e-6)
    pairs: Array = (centred.T @ centred)[np.triu_indices(values.shape[1], 1)]
    return pairs


def _numbered(name: str, count: int, first: int = 0) -> list[str]:
    return [f"{name}_{i}" for i in range(first, first + count)]


_PAIRS = [f"{i}_{j}" for i, j in zip(*np.triu_indices(N_LEVELS, 1), strict=True)]

_FAMILIES: dict[str, list[str]] = {
    "lfcc": [
        *_numbered("lfcc_std", N_CEPSTRA),
        *_numbered("lfcc_skew", N_CEPSTRA),
        *_numbered("lfcc_kurtosis", N_CEPSTRA),
        *(
            column
            for change in ("step", "delta", "delta2")
            for moment in ("std", "kurtosis")
            for column in _numbered(f"lfcc_{change}_{moment}", N_CEPSTRA)
        ),
    ],
    "correlation": [
        f"{what}_correlation_{pair}" for what in ("level", "level_delta") for pair in _PAIRS
    ],
    "flatness": [*_numbered("flatness_mean", N_BANDS), *_numbered("flatness_std", N_BANDS)],
    "texture": [
        column
        for step in ("bin1", "bin2", "frame1", "frame3")
        for moment in ("variance", "kurtosis")
        for column in _numbered(f"texture_{step}_{moment}", N_BANDS)
    ],
    "phase": [
        column
        for what in ("delay", "delay_turn")
        for part in ("real", "imag", "abs")
        for column in _numbered(f"phase_{what}_{part}", N_BANDS)
    ],
    "fine_spectrum": [
        *(
            column
            for what in ("variance", "skew", "max", "min")
            for column in _numbered(f"fine_ripple_{what}", N_RIPPLE)
        ),
        *_numbered("fine_cepstrum_mean", N_QUEFRENCY),
        *_numbered("fine_cepstrum_max", N_QUEFRENCY),
    ],
}


COLUMNS = tuple(column for columns in _FAMILIES.values() for column in columns)


def _band_of(column: str) -> tuple[int, int] | None:
    """Find the band of `BANDS_HZ` that a column measures, if it measures but one."""
    found = re.fullmatch(r"(?:flatness|texture|phase|fine_ripple)_\D.*_(\d+)", column)
    if not found:
        return None
    # All of these cut 0 to 8 kHz into sixteen bands of 500 Hz.
    low = int(found[1]) * SAMPLE_RATE // 2 // N_BANDS
    return next((band for band in BANDS_HZ if band[0] <= low < band[1]), None)


SCHEMA = Schema.of_families("voicetell-1", _FAMILIES, compute, _band_of)


def _compute_2(samples: Array, windows: Windows) -> Array:
    own = compute(samples, windows, phase=False)
    return np.concatenate((own, encoder.compute(samples, windows)), axis=1)


SCHEMA_2 = Schema.of_families(
    "voicetell-2",
    {name: columns for name, columns in _FAMILIES.items() if name != "phase"}
    | {"learned": list(encoder.COLUMNS)},
    _compute_2,
    _band_of,
)
