"""A supervisor with toy parts, run as a program by the tests: `toy.py FOLDER [broken]`."""

import signal
import sys
from pathlib import Path

from config.stack.errors import StackError
from config.stack.parts import Part
from config.stack.supervisor import Stopped, Supervisor
from config.stack.terminal import Terminal

folder = Path(sys.argv[1])

# Each forks a worker of its own, as gunicorn and Celery do, and says which process is its main one.
WORK = "echo $$ > {name}.pid.new; mv {name}.pid.new {name}.pid; sleep 1000 & echo working; wait"
STUBBORN = "trap '' TERM INT HUP; " + WORK.replace("wait", "while :; do sleep 0.2; done")
BROKEN = "echo the disk is on fire; exit 3"


def part(name: str, script: str, grace: float = 5) -> Part:
    pid_file = folder / f"{name}.pid"
    return Part(
        name,
        ["sh", "-c", f"cd '{folder}'; " + script.format(name=name)],
        ready=pid_file.exists,
        prepare=lambda: pid_file.unlink(missing_ok=True),
        stop_signal=signal.SIGTERM,
        grace=grace,
    )


terminal = Terminal()
try:
    with Supervisor(folder, terminal) as supervisor:
        try:
            supervisor.start(part("steady", WORK))
            supervisor.start(part("stubborn", STUBBORN, grace=float(sys.argv[3])))
            if sys.argv[2] == "broken":
                supervisor.start(part("broken", BROKEN))
            terminal.say("up")
            supervisor.keep_running()
        except Stopped:
            terminal.say("stopping")
except StackError as error:
    terminal.say(str(error))
    sys.exit(1)
