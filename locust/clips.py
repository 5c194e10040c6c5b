"""What the simulated users send: the shipped clips, and two seconds of one."""

import io
import random
import wave
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "fixtures" / "clips"
SHIPPED = [path for path in sorted(FOLDER.iterdir()) if path.suffix in {".wav", ".flac", ".mp3"}]


def two_seconds() -> bytes:
    """Return the first two seconds of a shipped WAV."""
    with wave.open(str(FOLDER / "fake-flite.wav")) as source:
        parameters = source.getparams()
        frames = source.readframes(2 * parameters.framerate)
    content = io.BytesIO()
    with wave.open(content, "wb") as cut:
        cut.setparams(parameters)
        cut.writeframes(frames)
    return content.getvalue()


TWO_SECONDS = two_seconds()


def any_clip() -> tuple[str, bytes]:
    """Return one of the shipped clips: its name and content."""
    path = random.choice(SHIPPED)
    return path.name, path.read_bytes()
