"""Whatever happens to a process of the decoder, it costs one clip and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from detector.engine.decode import Decoder
from detector.engine.errors import DecoderCrashedError
from tests.engine.audio_files import RATE, pcm16, speechlike, wav

CLIP = wav(pcm16(speechlike(1.0)), rate=8_000)
"""Two seconds at another rate than ours: they need a decoder."""
LONG_CLIP = wav(bytes(2 * 44_100 * 500), rate=44_100)
ROOT = Path(__file__).parents[2]


def helpers_of(parent: int) -> list[int]:
    """Processes that `parent` has started, and theirs."""
    children = [
        int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    ]
    return children + [deeper for child in children for deeper in helpers_of(child)]


def gone(pid: int) -> bool:
    """Whether the process ends within a few seconds (a zombie has ended)."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def crash(decoder: Decoder, content: bytes) -> str:
    with pytest.raises(DecoderCrashedError) as caught:
        decoder.decode(content)
    return caught.value.code


OWN = f"""
import os, sys, time
sys.path.insert(0, {str(ROOT)!r})
from detector.engine.decode import Decoder
from tests.engine.audio_files import pcm16, speechlike, wav
CLIP = wav(pcm16(speechlike(1.0)), rate=8_000)
decoder = Decoder()
decoder.decode(CLIP)
mine = decoder._zygote._process.pid
"""
"""The beginning of a program in an interpreter of its own."""

WAITS = "print(mine, flush=True); time.sleep(60)"
WORKS = """
clip = wav(bytes(2 * 192_000 * 500), rate=192_000)
print(mine, flush=True)
while True:
    decoder.decode(clip)
"""


def test_too_little_memory():
    with Decoder(memory_bytes=0) as decoder:
        for _ in range(2):
            assert crash(decoder, LONG_CLIP) in ("decoder_memory", "decoder_crashed")


def test_a_long_clip_needs_no_more_memory_than_a_short_one():
    with Decoder(memory_bytes=64 << 20) as decoder:
        assert decoder.decode(LONG_CLIP).facts.duration == pytest.approx(500)


def test_too_little_time_on_the_clock():
    with Decoder(wall_seconds=0.001) as decoder:
        assert crash(decoder, LONG_CLIP) == "decoder_timeout"
        assert crash(decoder, LONG_CLIP) == "decoder_timeout"


def test_a_child_that_is_killed_costs_its_clip_only():
    with Decoder() as decoder, ThreadPoolExecutor(1) as pool:
        pid = decoder._zygote._process.pid
        (child,) = helpers_of(pid)
        os.kill(child, signal.SIGSTOP)
        answer = pool.submit(decoder.decode, CLIP)
        time.sleep(0.1)
        os.kill(child, signal.SIGKILL)
        with pytest.raises(DecoderCrashedError) as caught:
            answer.result()
        assert caught.value.code == "decoder_crashed"
        assert caught.value.params == {"how": "SIGKILL"}
        assert decoder.decode(CLIP).facts.duration == 2.0
        assert decoder._zygote._process.pid == pid


def test_a_child_that_is_killed_before_its_clip_costs_nothing():
    with Decoder() as decoder:
        (child,) = helpers_of(decoder._zygote._process.pid)
        os.kill(child, signal.SIGKILL)
        assert gone(child)
        for _ in range(2):
            assert decoder.decode(CLIP).facts.duration == 2.0


def test_a_zygote_that_is_killed_is_replaced_unseen():
    with Decoder() as decoder:
        pid = decoder._zygote._process.pid
        (child,) = helpers_of(pid)
        os.kill(pid, signal.SIGKILL)
        assert gone(child)
        assert decoder.decode(CLIP).facts.duration == 2.0


def test_a_zygote_that_hangs_is_given_up(monkeypatch):
    monkeypatch.setattr("detector.engine.decode._GRACE_SECONDS", 0.2)
    with Decoder(wall_seconds=0.5) as decoder:
        pid = decoder._zygote._process.pid
        (child,) = helpers_of(pid)
        os.kill(pid, signal.SIGSTOP)
        os.kill(child, signal.SIGSTOP)
        assert crash(decoder, CLIP) == "decoder_timeout"
        assert gone(pid)
        assert gone(child)
    with Decoder() as decoder:
        assert decoder.decode(CLIP).facts.duration == 2.0


def test_closing_leaves_no_process():
    with Decoder() as decoder:
        pid = decoder._zygote._process.pid
        pids = [pid, *helpers_of(pid)]
    assert all(gone(pid) for pid in pids)
    assert decoder.decode(CLIP).facts.duration == 2.0  # it can be used again
    decoder.close()


@pytest.mark.parametrize("program", [WAITS, WORKS])
def test_nothing_outlives_a_parent_that_is_killed(program):
    parent = subprocess.Popen([sys.executable, "-c", OWN + program], stdout=subprocess.PIPE)
    pid = int(parent.stdout.readline())
    time.sleep(0.5)
    pids = [pid, *helpers_of(pid)]
    assert len(pids) == 2
    parent.kill()
    parent.communicate()
    assert all(gone(pid) for pid in pids)


def test_threads_take_turns(decoder):
    values = [np.full(2 * RATE, value, "<i2") for value in range(0, 1600, 100)]
    clips = [wav(value.tobytes(), channels=2) for value in values]
    with ThreadPoolExecutor(8) as pool:
        found = [audio.samples[0] * 32768 for audio in pool.map(decoder.decode, clips)]
    assert found == list(range(0, 1600, 100))


def test_a_fork_gets_a_helper_of_its_own_and_leaves_the_parents_alone():
    program = """
pid = os.fork()
if pid == 0:
    decoded = decoder.decode(CLIP).facts.duration == 2
    os._exit(not (decoded and decoder._zygote._process.pid != mine))
assert os.waitpid(pid, 0)[1] == 0
assert decoder.decode(CLIP).facts.duration == 2
assert decoder._zygote._process.pid == mine
"""
    subprocess.run([sys.executable, "-c", OWN + program], check=True, timeout=60)


def test_the_child_sees_no_secret_of_the_environment(monkeypatch):
    monkeypatch.setenv("VOICETELL_SECRET_KEY", "hidden")
    with Decoder() as decoder:
        environment = Path(f"/proc/{decoder._zygote._process.pid}/environ").read_bytes()
    assert b"hidden" not in environment
    assert b"PYTHONPATH" in environment


CONFINED = """
import os, socket, sys
from detector.engine import sandbox
sandbox.confine(memory_bytes=1 << 28, cpu_seconds=1, wall_seconds=20, file_bytes=1000)
for act in {acts}:
    try:
        exec(act)
    except (OSError, MemoryError) as error:
        continue
    sys.stdout.write(act + ' was possible\\n'); sys.stdout.flush()
sys.stdout.write('end\\n'); sys.stdout.flush()
"""


def test_what_the_child_has_given_up():
    acts = [
        "open('/etc/hostname')",
        "os.fork()",
        "os.kill(os.getppid(), 0)",
        "socket.socket()",
        "os.execv('/bin/true', ['true'])",
        "os.listdir('/')",
        "bytearray(1 << 30)",
        "os.setuid(0) if os.getuid() else 1/0",
    ]
    result = subprocess.run(
        [sys.executable, "-c", CONFINED.format(acts=acts)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=30,
    )
    assert result.stdout == "end\n", result.stderr
