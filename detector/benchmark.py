"""What the engine costs, measured: each figure warm, in one run, beside librosa's own features.

Candidates that are compared take turns, so that whatever else the machine does meets them alike.
"""

import os
import platform
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from detector.engine import explain, schemas, segments
from detector.engine.decode import Decoder
from detector.engine.judge import Judge
from detector.engine.model import Model
from detector.engine.types import SAMPLE_RATE

Samples = NDArray[np.float32]

FORMATS: dict[str, tuple[str, str, int]] = {
    "WAV 16 bit": ("wav", "pcm_s16le", 16_000),
    "WAV float 48 kHz": ("wav", "pcm_f32le", 48_000),
    "FLAC": ("flac", "flac", 16_000),
    "MP3": ("mp3", "libmp3lame", 44_100),
    "Ogg Vorbis": ("ogg", "vorbis", 44_100),
    "Ogg Opus": ("ogg", "libopus", 48_000),
    "WebM Opus": ("webm", "libopus", 48_000),
    "M4A AAC": ("mp4", "aac", 44_100),
    "AMR": ("amr", "libopencore_amrnb", 8_000),
}
"""Name: container, FFmpeg's encoder, sample rate."""

FEATURE_SECONDS = 10.0
CLIPS = {"2 s WAV": ("WAV 16 bit", 2.0), "10 s MP3": ("MP3", 10.0), "60 s MP3": ("MP3", 60.0)}


@dataclass(frozen=True)
class Cost:
    """Time of one call over several runs, in milliseconds."""

    median: float
    iqr: float
    """Distance of the quartiles: half of all runs lie within it."""
    cpu: float
    """Median time of this process on a core, other processes (the decoder's) left out."""
    runs: int


def measure(
    calls: Mapping[str, Callable[[], object]], runs: int
) -> tuple[dict[str, Cost], dict[str, NDArray[np.float64]]]:
    """Time each call `runs` times, in turns, after one round that does not count.

    Returns
    -------
    costs : dict
        Cost of each call.
    cpu : dict of ndarray of shape (runs,)
        CPU time of each run in seconds, so that calls can be compared within each round.
    """
    wall = {name: np.empty(runs) for name in calls}
    cpu = {name: np.empty(runs) for name in calls}
    for call in calls.values():
        call()
    for turn in range(runs):
        for name, call in calls.items():
            cpu_start, start = process_time(), perf_counter()
            call()
            wall[name][turn] = perf_counter() - start
            cpu[name][turn] = process_time() - cpu_start
    return {name: _cost(wall[name], cpu[name]) for name in calls}, cpu


def _cost(wall: NDArray[np.float64], cpu: NDArray[np.float64]) -> Cost:
    low, middle, high = np.percentile(1000 * wall, [25, 50, 75])
    return Cost(float(middle), float(high - low), float(1000 * np.median(cpu)), len(wall))


def encode(samples: Samples, container: str, encoder: str, rate: int) -> bytes:
    """Encode 16 kHz mono samples by the FFmpeg that PyAV carries."""
    file = BytesIO()
    frame = AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
    frame.sample_rate = SAMPLE_RATE
    with av.open(file, "w", format=container) as out:
        # FFmpeg's own encoder of Vorbis counts as experimental and writes stereo only.
        layout = "stereo" if encoder == "vorbis" else "mono"
        stream = cast(
            AudioStream,
            out.add_stream(encoder, rate=rate, layout=layout, options={"strict": "-2"}),
        )
        resampler = av.AudioResampler(
            stream.format, layout, rate, frame_size=stream.frame_size or 1024
        )
        for piece in (*resampler.resample(frame), *resampler.resample(None)):
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return file.getvalue()


class Benchmark:
    """Measures with one decoder and one model, on speech from a shipped clip."""

    def __init__(self, decoder: Decoder, model: Model, clip: Path, runs: int) -> None:
        self._decoder = decoder
        self._model = model
        self._speech = decoder.decode(clip).samples
        self._runs = runs

    def _cut(self, seconds: float) -> Samples:
        return np.resize(self._speech, round(seconds * SAMPLE_RATE))

    def _file(self, name: str, seconds: float) -> bytes:
        container, encoder, rate = FORMATS[name]
        return encode(self._cut(seconds), container, encoder, rate)

    def clips(self) -> dict[str, Cost]:
        """From bytes to verdict, each step included."""
        judge = Judge(self._decoder, self._model)
        calls = {}
        for name, (kind, seconds) in CLIPS.items():
            content = self._file(kind, seconds)
            calls[name] = partial(judge.judge, content, sha256="benchmark")
        return measure(calls, self._runs)[0]

    def formats(self) -> dict[str, Cost]:
        """Decode 10 s of each format through the confined decoder."""
        calls = {
            name: partial(self._decoder.decode, self._file(name, FEATURE_SECONDS))
            for name in FORMATS
        }
        return measure(calls, self._runs)[0]

    def steps(self) -> dict[str, Cost]:
        """Steps after decoding 10 s, but for the features."""
        samples = self._cut(FEATURE_SECONDS)
        cut = segments.cut(samples)
        windows = cut.speech_windows
        features = self._model.schema.compute(samples, windows)
        raw = self._model.raw_scores(features)
        calls = {
            "windows": lambda: segments.cut(samples),
            "score": lambda: self._model.raw_scores(features),
            "explain": lambda: explain.explain(self._model, features, raw, windows),
        }
        return measure(calls, self._runs)[0]

    def features(self) -> dict[str, Any]:
        """Compute the schemas and librosa's 26 of the same 10 s, each as one window, in turns.

        Returns
        -------
        dict
            `costs`, and `ratios` to librosa: the median over the rounds of each round's own ratio
            of CPU time, above 1 where the schema is faster.
        """
        samples = self._cut(FEATURE_SECONDS)
        whole = [(0, samples.size)]
        scored = segments.cut(samples).speech_windows
        calls: dict[str, Callable[[], object]] = {"librosa": lambda: librosas_26(samples)}
        for name in schemas.names():
            compute = schemas.get(name).compute
            calls[name] = partial(compute, samples, whole)
            calls[f"{name}, windows"] = partial(compute, samples, scored)
        costs, cpu = measure(calls, self._runs)
        ratios = {name: float(np.median(cpu["librosa"] / cpu[name])) for name in calls}
        return {"costs": costs, "ratios": ratios}


def librosas_26(samples: Samples) -> Samples:
    """Compute the columns of `deepvoice-26` as their users do: each from the waveform."""
    import librosa  # a development dependency, and slow to load

    feature = librosa.feature
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        means = [
            feature.chroma_stft(y=samples, sr=SAMPLE_RATE).mean(),
            feature.rms(y=samples).mean(),
            feature.spectral_centroid(y=samples, sr=SAMPLE_RATE).mean(),
            feature.spectral_bandwidth(y=samples, sr=SAMPLE_RATE).mean(),
            feature.spectral_rolloff(y=samples, sr=SAMPLE_RATE).mean(),
            feature.zero_crossing_rate(samples).mean(),
        ]
        mfcc = feature.mfcc(y=samples, sr=SAMPLE_RATE, n_mfcc=20).mean(axis=1)
    return np.array([*means, *mfcc], dtype=np.float32)


def memory() -> dict[str, float]:
    """Memory of this process, and of the decoder's processes, in MB.

    Pages that processes share are counted in full for this one, as a limit on it would, and by
    parts for the decoder's.
    """
    status = dict(
        line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines()
    )
    return {
        "resident": int(status["VmRSS"].split()[0]) / 1024,
        "peak": int(status["VmHWM"].split()[0]) / 1024,
        "decoder": sum(_proportional_kb(pid) for pid in _descendants(os.getpid())) / 1024,
    }


def _descendants(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task").glob("*/children")
    children = [int(child) for file in found for child in file.read_text().split()]
    return [each for child in children for each in (child, *_descendants(child))]


def _proportional_kb(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


def machine() -> dict[str, Any]:
    """On what it was measured, and how busy that was."""
    cpus = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    return {
        "cpu": cpus[0] if cpus else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "system": platform.platform(),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "scipy", "scikit-learn", "av")},
    }
