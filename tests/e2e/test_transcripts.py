"""What docs/api-manners.md shows is what a server says."""

import os
import re
import shutil
import subprocess
import time
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest
from django.conf import settings

from accounts.models import Role, Scope
from accounts.services import create_token
from tests.e2e.processes import wait_for
from tests.factories import PredictionFactory, UserFactory

pytestmark = [pytest.mark.stack, pytest.mark.django_db(transaction=True)]

PAGE = Path(settings.BASE_DIR, "docs", "api-manners.md")
BLOCK = re.compile(r"^```console ?(.*?)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands(block):
    """Take a block apart into commands, each with the lines that it shall print."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, *lines = part.splitlines()
        yield command, lines


def differences(said, lines):
    """Return the lines that nothing in what was said is like."""
    heard = said.replace("\r", "").splitlines()

    def is_heard(line):
        pattern = ".*".join(map(re.escape, line.split("…")))
        # A header's name may be written in any case.
        return any(re.fullmatch(pattern, one, re.IGNORECASE) for one in heard)

    return [line for line in lines if not is_heard(line)]


@pytest.fixture
def person(champion):
    return UserFactory(role=Role.ADMINISTRATOR)


class Shell:
    """Runs commands as the page's reader would."""

    def __init__(self, folder, env):
        self.options = {"cwd": folder, "env": os.environ | env, "stdout": subprocess.PIPE}

    def start(self, command):
        argv = ["/bin/sh", "-c", f"exec {command}" if "|" not in command else command]
        return subprocess.Popen(argv, text=True, stderr=subprocess.DEVNULL, **self.options)

    def run(self, command):
        return self.start(command).communicate(timeout=60)[0]


@pytest.fixture
def shell(site, person, tmp_path, clip_file):
    text = create_token(owner=person, name="docs", scopes=[Scope.ADMIN])[1]
    shutil.copy(clip_file("real-prompt.wav"), tmp_path / "clip.wav")
    env = {
        "API": f"{site}/api/v1",
        "auth": f"Authorization: Bearer {text}",
        "ID": str(PredictionFactory(clip__owner=person, done=True).pk),
    }
    return Shell(tmp_path, env)


@contextmanager
def throttled(person, redis_server, shell):
    """The token has made as many requests as it may, in this minute and the next."""
    token, minute = person.tokens.get(), int(time.time() // 60)
    names = [f"voicetell:rate:t{token.pk}:{minute + later}" for later in (0, 1, 2)]
    redis_server.mset(dict.fromkeys(names, settings.API_RATE_LIMIT))
    yield
    redis_server.delete(*names)


@contextmanager
def in_flight(person, redis_server, shell):
    """The same request is on its way, so slowly that the second is answered before."""
    ((command, _),) = commands(next(block for mark, block in blocks() if mark == "in flight"))
    keys = "voicetell:idempotency:*"
    known = set(redis_server.keys(keys))
    first = shell.start(command.replace("curl", "curl --limit-rate 2k", 1))
    wait_for(lambda: set(redis_server.keys(keys)) - known, "the first request")
    yield
    first.kill()
    first.wait()


SCENES = {"": lambda *_: nullcontext(), "throttled": throttled, "in flight": in_flight}


def blocks():
    """The page's transcripts, each with the mark of its scene."""
    return BLOCK.findall(PAGE.read_text())


def test_every_command_of_the_page_prints_what_stands_there(shell, person, redis_server):
    wrong = []
    for mark, block in blocks():
        with SCENES[mark](person, redis_server, shell):
            for command, lines in commands(block):
                said = shell.run(command)
                missing = differences(said, lines)
                if missing:
                    wrong.append(f"$ {command}\n{said}\n-- not there: {missing}")
    assert not wrong, "\n\n".join(wrong)


def test_a_page_that_is_wrong_would_be_seen():
    said = "HTTP/1.1 404 Not Found\r\ncontent-type: text/html\r\n\r\nhello world\n"
    assert differences(said, ["HTTP/1.1 404 …", "Content-Type: text/html", "hello …"]) == []
    assert differences(said, ["HTTP/1.1 200 OK", "goodbye …"]) == ["HTTP/1.1 200 OK", "goodbye …"]
