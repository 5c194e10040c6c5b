"""DEEP-VOICE's recordings: eight public figures, each converted into the others' voices.

References
----------
Bird, J. J. and Lotfi, A. (2023). Real-time detection of AI-generated speech for deepfake voice
conversion. arXiv:2308.12734.
"""

from collections.abc import Iterator
from pathlib import Path

from training.learning.datasets.clips import Clip, DatasetError, audio_below

CONVERSION = "RVC"


def deep_voice(folder: Path) -> Iterator[Clip]:
    """Read REAL/obama-original.wav and FAKE/obama-to-biden.wav (who was recorded, who is heard)."""
    for kind in ("REAL", "FAKE"):
        found = [path for path in sorted(folder.rglob(kind)) if path.is_dir()]
        if len(found) != 1:
            raise DatasetError(f"the folder {kind} should be once below {folder}")
        for path in audio_below(found[0]):
            fake = kind == "FAKE"
            recorded, _, heard = path.stem.lower().partition("-to-" if fake else "-")
            yield Clip(
                path,
                label=kind.lower(),
                split="",
                source_repo=f"deep-voice:{recorded}",
                task="vc" if fake else "",
                generator=CONVERSION if fake else "",
                speaker=heard if fake else recorded,
                language="en",
            )
