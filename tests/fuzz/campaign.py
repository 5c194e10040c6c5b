"""Many damaged files through the real decoder, and what became of each."""

import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import numpy as np

from detector.engine.decode import Decoder
from detector.engine.errors import ClipError
from tests.fuzz.mutations import mutate
from tests.fuzz.seeds import seeds

MAX_SECONDS = 20.0
DECODED = "decoded"
WRONG = "wrong samples"
"""What the decoder returned is not what it promises: never to be seen."""


@dataclass
class Findings:
    """What became of the files.

    Parameters
    ----------
    outcomes : dict of Counter
        By format: how many files were decoded, or refused with which code.
    longest : float
        Seconds that the slowest file took.
    suspects : list of (int, str)
        Number and outcome of files that crashed their decoder, met a limit, or came out wrong.
    """

    outcomes: dict[str, Counter[str]] = field(default_factory=dict)
    longest: float = 0.0
    suspects: list[tuple[int, str]] = field(default_factory=list)

    @property
    def total(self) -> Counter[str]:
        """All outcomes, whatever the format."""
        return sum(self.outcomes.values(), Counter[str]())


def mutants(numbers: Sequence[int], seed: int) -> Iterator[tuple[int, str, bytes]]:
    """Make the mutants of these numbers: number, format, content."""
    files = seeds()
    names = sorted(files)
    others = [files[name] for name in names]
    for number in numbers:
        name = names[number % len(names)]
        yield number, name, mutate(Random(f"{seed} {number}"), files[name], others)


def run(decoder: Decoder, numbers: Sequence[int], seed: int) -> Iterator[Findings]:
    """Decode mutant after mutant; yields the same findings after each."""
    findings = Findings()
    for number, name, content in mutants(numbers, seed):
        started = time.monotonic()
        outcome = outcome_of(decoder, content)
        findings.longest = max(findings.longest, time.monotonic() - started)
        findings.outcomes.setdefault(name, Counter())[outcome] += 1
        if outcome == WRONG or outcome.startswith("decoder_"):
            findings.suspects.append((number, outcome))
        yield findings


def outcome_of(decoder: Decoder, content: bytes) -> str:
    """Decode once: `DECODED`, `WRONG` or the code of the refusal."""
    try:
        audio = decoder.decode(content, max_seconds=MAX_SECONDS)
    except ClipError as error:
        return error.code
    is_sound = (
        0.5 <= audio.facts.duration <= MAX_SECONDS + 0.1
        and bool(np.isfinite(audio.samples).all())
        and float(np.abs(audio.samples).max()) <= 1
    )
    return DECODED if is_sound else WRONG


def resources() -> tuple[int, int, int]:
    """Resident bytes, open descriptors and child processes of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    descriptors = list(Path("/proc/self/fd").iterdir())
    return pages * os.sysconf("SC_PAGESIZE"), len(descriptors), len(children)
