"""Real and synthetic speech out of Debian packages, unpacked into a cache folder.

Nothing is installed on the machine: `apt-get download` and `dpkg -x` fill a folder, and the
programs run from there.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from training.learning.material.audio import Samples, read_audio
from training.learning.material.sentences import SENTENCES

ENGINE_PACKAGES = (
    *("espeak-ng", "espeak-ng-data", "libespeak-ng1", "libpcaudio0", "libsonic0"),
    *("flite", "libflite1"),
    *("festival", "libestools2.5", "festival-ca", "festlex-cmu", "festlex-poslex", "festlex-ifd"),
    *("festvox-kallpc16k", "festvox-kdlpc16k", "festvox-us-slt-hts", "festvox-ca-ona-hts"),
    *("festvox-italp16k", "festvox-itapc16k"),
    *("festvox-suopuhe-common", "festvox-suopuhe-lj", "festvox-suopuhe-mv"),
)
_LIBRARIES = "usr/lib/x86_64-linux-gnu"


@dataclass(frozen=True, slots=True)
class Recordings:
    """Real speech in a package: `pattern` below the unpacked root, at most `limit` files.

    `speaker` is empty where several unnamed people speak. Short files are left out: they are
    letters, digits and noises.
    """

    package: str
    pattern: str
    speaker: str
    language: str
    licence: str
    limit: int
    container: str | None = None
    smallest: int = 0


@dataclass(frozen=True, slots=True)
class Voice:
    """A synthetic voice of an engine that runs from the unpacked root."""

    engine: str
    name: str
    language: str

    @property
    def generator(self) -> str:
        """The engine and, for Festival, its kind of synthesis."""
        if self.engine != "festival":
            return self.engine
        kinds = {"hts": "festival-hts", "clunits": "festival-clunits"}
        return kinds.get(self.name.rsplit("_", 1)[-1], "festival-diphone")


_ASTERISK = "usr/share/asterisk/sounds"
_G722_SECOND = 8000
RECORDINGS = (
    *(
        Recordings(
            f"asterisk-core-sounds-{code}-g722",
            f"{_ASTERISK}/{folder}/*.g722",
            speaker,
            code,
            licence,
            limit=70,
            container="g722",
            smallest=2 * _G722_SECOND,
        )
        for code, folder, speaker, licence in (
            ("en", "en_US_f_Allison", "Allison Smith", "CC-BY-SA-3.0"),
            ("es", "es_MX_f_Allison", "Allison Smith", "CC-BY-SA-3.0"),
            ("fr", "fr_CA_f_June", "June Wallack", "CC-BY-SA-3.0"),
            ("it", "it_IT_m_Carlo", "Carlo Flora", "see package"),
        )
    ),
    Recordings(
        "festvox-ru",
        "usr/share/festival/voices/russian/msu_ru_nsh_clunits/wav/*.wav",
        "msu_ru_nsh",
        "ru",
        "see package",
        limit=80,
    ),
)
"""Real voices. The Russian prompts and pocketsphinx-testdata stay out: they are fixtures. So do the
volunteers of tuxpaint-stamps, fillets-ng and hedgewars: short clips or a narrow band told them from
the rest without listening (docs/research.md)."""

VOICES = (
    *(
        Voice("espeak-ng", name, language)
        for language, names in (
            ("en", ("en-us", "en-gb+f2", "en-gb-scotland+m3")),
            ("de", ("de+f3", "de")),
            ("es", ("es", "es-419+f4")),
            ("fr", ("fr+f3", "fr-be")),
            ("it", ("it", "it+f2")),
            ("ru", ("ru", "ru+f3")),
            ("cs", ("cs", "cs+f2")),
            ("nl", ("nl", "nl+f2")),
        )
        for name in names
    ),
    *(Voice("flite", name, "en") for name in ("kal", "kal16", "awb", "slt")),
    Voice("festival", "kal_diphone", "en"),
    Voice("festival", "ked_diphone", "en"),
    Voice("festival", "cmu_us_slt_arctic_hts", "en"),
    Voice("festival", "upc_ca_ona_hts", "ca"),
    Voice("festival", "lp_diphone", "it"),
    Voice("festival", "pc_diphone", "it"),
    Voice("festival", "suo_fi_lj_diphone", "fi"),
    Voice("festival", "hy_fi_mv_diphone", "fi"),
    Voice("festival", "msu_ru_nsh_clunits", "ru"),
)
"""Flite's rms stays out: it is a fixture."""

_FESTIVAL_CHARSETS = {"it": "latin-1", "fi": "latin-1", "ca": "latin-1"}


class DebianRoot:
    """Debian packages unpacked below `folder`.

    Parameters
    ----------
    folder : Path
        Downloads go to ``folder/debs``, files to ``folder/root``.
    """

    def __init__(self, folder: Path) -> None:
        self.debs = (folder / "debs").resolve()
        self.root = (folder / "root").resolve()

    def fetch(self, packages: tuple[str, ...]) -> None:
        """Download and unpack what is not there yet."""
        self.debs.mkdir(parents=True, exist_ok=True)
        missing = [name for name in packages if not list(self.debs.glob(f"{name}_*.deb"))]
        if missing:
            _run(["apt-get", "download", "-q", *missing], cwd=self.debs)
        for name in missing:
            for deb in self.debs.glob(f"{name}_*.deb"):
                _run(["dpkg", "-x", str(deb), str(self.root)])
        self._free_festival()

    def _free_festival(self) -> None:
        """Let Festival find its library below the working folder.

        It ignores ``--libdir``; the path in the binary is swapped for a relative one of the
        same length.
        """
        program = self.root / "usr/bin/festival"
        if program.exists():
            code = program.read_bytes()
            program.write_bytes(code.replace(b"/usr/share/festival", b"usr/share/festival/"))

    def read(self, recordings: Recordings) -> Iterator[tuple[str, Samples, int]]:
        """Yield (path below the root, samples, rate), spread evenly over the package."""
        files = sorted(
            path
            for path in self.root.glob(recordings.pattern)
            if path.stat().st_size >= recordings.smallest
        )
        step = max(1, len(files) // recordings.limit)
        for path in files[::step][: recordings.limit]:
            samples, rate = read_audio(path, recordings.container)
            yield str(path.relative_to(self.root)), samples, rate

    def speak(self, voice: Voice, text: str) -> tuple[Samples, int]:
        """Synthesise `text`: (samples, rate)."""
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "speech.wav"
            self._run_engine(voice, text, target)
            return read_audio(target)

    def speak_all(self, voice: Voice) -> Iterator[tuple[str, Samples, int]]:
        """Yield (text, samples, rate) for every sentence of the voice's language."""
        for text in SENTENCES[voice.language]:
            samples, rate = self.speak(voice, text)
            yield text, samples, rate

    def _run_engine(self, voice: Voice, text: str, target: Path) -> None:
        if voice.engine == "espeak-ng":
            data = str(self.root / _LIBRARIES)
            command = ["espeak-ng", f"--path={data}", "-v", voice.name, "-w", str(target), text]
        elif voice.engine == "flite":
            command = ["flite", "-voice", voice.name, "-t", text, "-o", str(target)]
        else:
            charset = _FESTIVAL_CHARSETS.get(voice.language, "utf-8")
            program = (
                f'(begin (voice_{voice.name}) (utt.save.wave (utt.synth (Utterance Text "{text}"))'
                f' "{target}"))'
            )
            script = target.with_suffix(".scm")
            script.write_text(program, encoding=charset)
            command = ["festival", "-b", str(script)]
        self.run([str(self.root / "usr/bin" / command[0]), *command[1:]])

    def run(self, command: list[str]) -> None:
        """Run an unpacked program with the unpacked libraries."""
        _run(
            command,
            cwd=self.root,
            env=os.environ | {"LD_LIBRARY_PATH": str(self.root / _LIBRARIES)},
        )


def _run(command: list[str], cwd: Path | None = None, env: dict[str, str] | None = None) -> None:
    # Every command is put together from constants of this module.
    subprocess.run(command, cwd=cwd, env=env, check=True, capture_output=True, timeout=600)  # noqa: S603
