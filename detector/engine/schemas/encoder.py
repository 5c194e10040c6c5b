"""What a speech network's lowest layers hear, pooled per window.

The network is Whisper tiny.en (OpenAI, MIT), cut after its first layer: late layers hold the
words, early ones the sound (docs/research.md). `manage.py build_encoder` makes the file.

A window is heard in blocks of one second, each brought to one level and each by itself, so that
overlapping windows share their blocks and a window's columns are its own. Of each channel are taken
the spread and the mean change from frame to frame, over the frames of speech. The mean tells the
microphone, as in our own columns, and the second convolution nothing that the others do not.

References
----------
Radford, A. et al. (2023). Robust speech recognition via large-scale weak supervision. ICML.
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.engine import spectrum
from detector.engine.schemas.schema import Windows
from detector.engine.types import SAMPLE_RATE

Array = NDArray[Any]
Block = tuple[int, int]
"""Start and length of a block, in samples."""

WEIGHTS = Path(__file__).parent.parent / "weights" / "whisper_low.onnx"
SIZE, HOP = 400, 160
N_MELS = 80
WIDTH = 384
MAPS = {"conv1": 1, "layer1": 2}
"""The network's outputs, and how many frames of 10 ms a frame of each steps."""
BLOCK = SAMPLE_RATE
SHORTEST = 4096
"""What is left of a window after its whole blocks is heard if it has this many samples."""
AT_ONCE = 8
"""Blocks that the network takes at a time: bounds the memory, whatever the clip's length."""

RANGE = 8.0  # decades of power that the network was taught to hear
SPEECH_RANGE = 1e-4  # power: 40 dB below the loud frames
_TINY = 1e-10

COLUMNS = tuple(
    f"{layer}_{statistic}_{channel}"
    for layer in MAPS
    for statistic in ("std", "change")
    for channel in range(WIDTH)
)


def compute(samples: Array, windows: Windows) -> Array:
    """Compute the columns of each window: (n_windows, 1,536)."""
    blocks_of = [_blocks(start, stop) for start, stop in windows]
    users: dict[Block, list[int]] = defaultdict(list)
    for i, blocks in enumerate(blocks_of):
        for block in blocks:
            users[block].append(i)
    energies = {block: _mel(samples, block) for block in sorted(users)}
    masks = [_speech([energies[block][1] for block in blocks]) for blocks in blocks_of]
    masks_of = {
        (i, block): mask
        for i, blocks in enumerate(blocks_of)
        for block, mask in zip(blocks, masks[i], strict=True)
    }
    sums = [_Sums(len(windows)) for _ in MAPS]
    for blocks in _batches(energies):
        mel = np.stack([energies[block][0] for block in blocks])
        maps = _session().run(list(MAPS), {"mel": mel})
        for values, total, stride in zip(maps, sums, MAPS.values(), strict=True):
            for block, frames in zip(blocks, values, strict=True):
                members = users[block]
                mask = np.stack([masks_of[i, block][::stride] for i in members])
                total.add(members, mask, frames)
    return np.concatenate([total.columns() for total in sums], axis=1)


class _Sums:
    """Running sums of one map over the speech frames of each window."""

    def __init__(self, n_windows: int) -> None:
        self.frames = np.zeros((n_windows, 1), dtype=np.float32)
        self.steps = np.zeros((n_windows, 1), dtype=np.float32)
        self.total = np.zeros((n_windows, WIDTH), dtype=np.float32)
        self.square = np.zeros_like(self.total)
        self.change = np.zeros_like(self.total)

    def add(self, members: list[int], mask: Array, values: Array) -> None:
        """Add a block: `mask` (members, frames), `values` (frames, channels)."""
        step = mask[:, 1:] * mask[:, :-1]
        self.frames[members] += mask.sum(axis=1, keepdims=True)
        self.steps[members] += step.sum(axis=1, keepdims=True)
        self.total[members] += mask @ values
        self.square[members] += mask @ np.square(values)
        self.change[members] += step @ np.abs(values[1:] - values[:-1])

    def columns(self) -> Array:
        """Standard deviation and mean absolute change of each channel."""
        mean = self.total / np.maximum(self.frames, 1)
        variance = self.square / np.maximum(self.frames, 1) - np.square(mean)
        change = self.change / np.maximum(self.steps, 1)
        return np.concatenate((np.sqrt(np.maximum(variance, 0) + 1e-6), change), axis=1)


def _blocks(start: int, stop: int) -> list[Block]:
    blocks = [(at, BLOCK) for at in range(start, stop - BLOCK + 1, BLOCK)]
    rest = (stop - start) % BLOCK
    if rest >= SHORTEST or not blocks:
        blocks.append((stop - rest, rest))
    return blocks


def _mel(samples: Array, block: Block) -> tuple[Array, Array]:
    """Log-mel spectrum (80, frames) as the network knows it, and the frames' energies."""
    start, length = block
    part = samples[start : start + length]
    # An even number of frames: the second convolution takes every other.
    frames = 2 * max(-(-length // (2 * HOP)), SHORTEST // (2 * HOP))
    edge = (SIZE - HOP) // 2
    padded = np.pad(part, (edge, frames * HOP - length + edge))
    power = spectrum.power(spectrum.stft(padded, SIZE, HOP))
    mel = power @ spectrum.mel_bank(N_MELS, SIZE).T
    loudness = float(np.dot(part, part)) / max(length, 1)
    # The level that the project's material has, and full scale at 1.
    mel *= np.float32(0.05**2 / (loudness + _TINY))
    decades = np.log10(np.maximum(mel, np.float32(_TINY)))
    decades = np.maximum(decades, decades.max() - np.float32(RANGE))
    return (decades.T + 4) / 4, power[:, 2:].sum(axis=1)


def _speech(energies: list[Array]) -> list[Array]:
    """Frames within `SPEECH_RANGE` of the window's 95th percentile, as 1 and 0, by block."""
    joined = np.concatenate(energies)
    rank = round(0.95 * (joined.size - 1))
    loud = np.partition(joined, rank)[rank]
    return [(energy >= loud * np.float32(SPEECH_RANGE)).astype(np.float32) for energy in energies]


def _batches(blocks: Iterable[Block]) -> Iterable[list[Block]]:
    """Blocks of one length, at most `AT_ONCE` at a time."""
    by_length: dict[int, list[Block]] = defaultdict(list)
    for block in blocks:
        by_length[block[1]].append(block)
    for same in by_length.values():
        for first in range(0, len(same), AT_ONCE):
            yield same[first : first + AT_ONCE]


@lru_cache(maxsize=1)
def _session() -> Any:
    # Imported by workers alone, at their first clip.
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(WEIGHTS, options, providers=["CPUExecutionProvider"])
