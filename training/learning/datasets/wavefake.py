"""WaveFake: LJSpeech and JSUT through vocoders, beside the recordings themselves.

References
----------
Frank, J. and Schoenherr, L. (2021). WaveFake: a data set to facilitate audio deepfake detection.
NeurIPS Datasets and Benchmarks.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from training.learning.datasets.clips import Clip, DatasetError, audio_below

VOICES = {"ljspeech": ("LJSpeech", "en"), "jsut": ("JSUT", "ja")}
SPOKEN = "common_voices_prompts_from_conformer_fastspeech2_pwg_ljspeech"
"""The one folder whose clips were spoken from text; the others are resynthesised recordings."""


def wavefake(folder: Path) -> Iterator[Clip]:
    """Read the folders of vocoders, LJSpeech-1.1 and, where it is there, JSUT."""
    folders = [path for path in sorted(folder.rglob("*")) if path.is_dir()]
    recorded = [
        (path, voice)
        for path in folders
        for voice, pattern in (("ljspeech", r"LJSpeech-1\.1"), ("jsut", r"jsut_ver1(\.1)?"))
        if re.fullmatch(pattern, path.name)
    ]
    vocoders = [
        path
        for path in folders
        if path.name.partition("_")[0] in VOICES and path not in [place for place, _ in recorded]
    ]
    spoken = [path for path in folders if path.name == SPOKEN]
    if not vocoders and not spoken:
        raise DatasetError(f"{folder} holds no folder such as ljspeech_melgan")
    if not recorded:
        raise DatasetError(f"{folder} lacks the recordings: put LJSpeech-1.1 there, too")
    for path, voice in recorded:
        yield from _clips(path, voice, label="real")
    for path in vocoders:
        voice, _, vocoder = path.name.partition("_")
        yield from _clips(path, voice, label="fake", task="vocoder", generator=vocoder.lower())
    for path in spoken:
        yield from _clips(
            path, "ljspeech", label="fake", task="tts", generator="conformer_fastspeech2_pwg"
        )


def _clips(
    folder: Path, voice: str, *, label: str, task: str = "", generator: str = ""
) -> Iterator[Clip]:
    speaker, language = VOICES[voice]
    for path in audio_below(folder):
        # LJ012-0034 is of the twelfth reading: a session with a recording chain of its own.
        reading = re.match(r"LJ\d{3}", path.stem)
        yield Clip(
            path,
            label,
            split="",
            source_repo=f"wavefake:{reading[0] if reading else voice}",
            task=task,
            generator=generator,
            speaker=speaker,
            language=language,
        )
