"""The few clips that are shipped: to try the product with, and for the tests.

None of their voices is in the training material, except hibari-tts's and espeak-ng's, which speak
other sentences there.
"""

import csv
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import av
import numpy as np

from detector.engine.types import SAMPLE_RATE
from training.learning.material.audio import Samples, read_audio, write_flac
from training.learning.material.packages import ENGINE_PACKAGES, DebianRoot, Voice
from training.learning.material.scratch import ScratchPython

TEXT = (
    "This voice was made by a computer program. It has never drawn a breath, and it will read "
    "whatever it is given, in the same calm manner, for as long as you like."
)
OURS = "CC0-1.0"
_LIBRIVOX = "usr/share/pocketsphinx/test/data/librivox/sense_and_sensibility_01_austen_64kb"
_PROMPTS = "usr/share/asterisk/sounds/ru_RU_f_IvrvoiceRU"
_BOOK = "Debian pocketsphinx-testdata, LibriVox: Sense and Sensibility, chapter 1"


@dataclass(frozen=True, slots=True)
class DemoClip:
    """A line of ``clips.csv``."""

    file: str
    label: str
    generator: str
    speaker: str
    language: str
    source: str
    licence: str


CLIPS = (
    DemoClip("real-librivox.flac", "real", "", "librivox", "en", _BOOK, "public domain"),
    DemoClip("real-librivox.mp3", "real", "", "librivox", "en", _BOOK, "public domain"),
    DemoClip(
        "real-prompt.wav",
        "real",
        "",
        "ivrvoice.ru",
        "ru",
        "Debian asterisk-core-sounds-ru-g722, by Maxim Topal, http://www.ivrvoice.ru",
        "CC-BY-3.0",
    ),
    DemoClip(
        "fake-hibari.flac",
        "fake",
        "hibari-tts",
        "synth:hibari",
        "en",
        "PyPI hibari-tts 0.2.1",
        OURS,
    ),
    DemoClip("fake-flite.wav", "fake", "flite", "synth:rms", "en", "Debian flite 2.2, rms", OURS),
    DemoClip(
        "fake-espeak.mp3", "fake", "espeak-ng", "synth:en-us", "en", "Debian espeak-ng 1.51", OURS
    ),
    DemoClip(
        "fake-world.flac",
        "fake",
        "world",
        "librivox",
        "en",
        "real-librivox.flac through the WORLD vocoder (PyPI pyworld 0.3.5)",
        "public domain",
    ),
)


def build(folder: Path, debian: DebianRoot, scratch: ScratchPython) -> None:
    """Make all clips and ``clips.csv`` in `folder`."""
    debian.fetch((*ENGINE_PACKAGES, "pocketsphinx-testdata", "asterisk-core-sounds-ru-g722"))
    book, rate = read_audio(debian.root / f"{_LIBRIVOX}-0870.wav")
    write_flac(folder / "real-librivox.flac", book, rate)
    more, rate = read_audio(debian.root / f"{_LIBRIVOX}-0920.wav")
    write_mp3(folder / "real-librivox.mp3", more, rate)
    prompt = _prompt(debian)
    _write_wav(folder / "real-prompt.wav", prompt, SAMPLE_RATE)
    speech, rate = debian.speak(Voice("flite", "rms", "en"), TEXT)
    _write_wav(folder / "fake-flite.wav", speech, rate)
    speech, rate = debian.speak(Voice("espeak-ng", "en-us", "en"), TEXT)
    write_mp3(folder / "fake-espeak.mp3", speech, rate)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        np.round(book * 32767).astype("<i2").tofile(work / "book.raw")
        scratch.run(
            [
                {"op": "hibari", "text": TEXT, "target": str(work / "hibari.wav")},
                {
                    "op": "world",
                    "source": str(work / "book.raw"),
                    "target": str(work / "world.wav"),
                },
            ]
        )
        write_flac(folder / "fake-hibari.flac", *read_audio(work / "hibari.wav"))
        write_flac(folder / "fake-world.flac", *read_audio(work / "world.wav"))
    with (folder / "clips.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(DemoClip.__dataclass_fields__), lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(clip) for clip in CLIPS)


def _prompt(debian: DebianRoot) -> Samples:
    """Return the first prompt of 4 to 8 s."""
    for path in sorted((debian.root / _PROMPTS).glob("*.g722")):
        samples, rate = read_audio(path, "g722")
        if 4 <= len(samples) / rate <= 8:
            return samples
    raise FileNotFoundError("no prompt of 4 to 8 s")


def write_mp3(path: Path, samples: Samples, rate: int, bit_rate: int = 64_000) -> None:
    """Encode mono MP3."""
    with av.open(str(path), "w", format="mp3") as target:
        stream = target.add_stream("libmp3lame", rate=rate, layout="mono")
        stream.bit_rate = bit_rate
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples[None], dtype=np.float32), format="fltp", layout="mono"
        )
        frame.sample_rate = rate
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            target.mux(packet)


def _write_wav(path: Path, samples: Samples, rate: int) -> None:
    pcm = np.round(np.clip(samples, -1, 1) * 32767).astype(np.int16)
    with av.open(str(path), "w", format="wav") as target:
        stream = target.add_stream("pcm_s16le", rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(pcm[None], format="s16", layout="mono")
        frame.sample_rate = rate
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            target.mux(packet)
