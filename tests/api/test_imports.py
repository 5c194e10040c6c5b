"""The web process stays small: what only workers need is not loaded."""

import subprocess
import sys

from django.conf import settings

HEAVY = ("librosa", "sklearn", "onnxruntime", "scipy", "av", "pandas", "numpy", "skops", "joblib")


def test_the_web_process_loads_nothing_heavy() -> None:
    look = (
        "import sys\n"
        "import config.wsgi\n"
        "from django.urls import get_resolver\n"
        "def visit(patterns):\n"
        "    for pattern in patterns:\n"
        "        visit(getattr(pattern, 'url_patterns', []))\n"
        "        getattr(pattern, 'callback', None)\n"
        "visit(get_resolver().url_patterns)\n"
        "import detector.tasks\n"
        f"print(*sorted(set({HEAVY!r}) & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", look],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
