"""Parts that run by themselves, as in containers and on other hosts."""

import http.server
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.conf import settings
from redis import Redis

from config.stack import alive
from config.stack.site import Site, parts
from tests.e2e.processes import Program, environment_of_tests, free_port, wait_for


def test_a_part_without_what_all_share_says_so(tmp_path: Path) -> None:
    secret = tmp_path / "redis"
    secret.write_text("redis://127.0.0.1:1/0")
    shared = {"DATABASE_URL", "REDIS_URL", "VOICETELL_SECRET_KEY"}
    env = {name: value for name, value in os.environ.items() if name not in shared}
    done = subprocess.run(
        [sys.executable, "manage.py", "part", "web"],
        cwd=settings.BASE_DIR,
        env=env | {"REDIS_URL_FILE": str(secret)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "DATABASE_URL and VOICETELL_SECRET_KEY must be set" in done.stderr


@pytest.mark.django_db(transaction=True)
def test_a_part_gives_signs_of_life_and_ends_when_asked(
    tmp_path: Path, redis_server: Redis
) -> None:
    sign = tmp_path / "alive"
    env = environment_of_tests() | {
        "VOICETELL_ALIVE_FILE": str(sign),
        "VOICETELL_DATA": str(tmp_path),
    }
    argv = [sys.executable, "manage.py", "part", "beat"]
    beat = Program(argv, tmp_path / "beat.log", env)
    wait_for(lambda: sign.exists() or beat.fail_if_ended(), "a sign of life")
    assert alive.problem(sign, port=0) is None
    assert beat.stop() == 0


def test_silence_is_noticed(tmp_path: Path) -> None:
    sign = tmp_path / "alive"
    sign.touch()
    os.utime(sign, (0, 0))
    assert "no sign of life" in str(alive.problem(sign, port=0))


def test_a_web_server_is_asked(tmp_path: Path) -> None:
    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert alive.problem(tmp_path / "none", port=server.server_port) is None
        server.shutdown()
    assert "no answer" in str(alive.problem(None, port=free_port()))


def test_every_part_can_run_by_itself() -> None:
    from config.management.commands import part

    words = part.Command().create_parser("manage.py", "part")._actions
    (names,) = (action.choices for action in words if action.dest == "name")
    assert set(names) == set(parts(Site("127.0.0.1", 8000, 1)))
