"""Stand-in until `config.stack.services` exists."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from config.stack import folders, postgres, redis


def _run(argv, text):
    subprocess.run(argv, input=text, text=True, check=True, capture_output=True)


@contextmanager
def embedded() -> Iterator[None]:
    folders.prepare()
    with ExitStack() as stack:
        for service in (postgres, redis):
            if service is postgres:
                postgres.create_cluster(_run)
            service.prepare()
            process = subprocess.Popen(
                service.command(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            stack.callback(process.wait)
            stack.callback(
                process.terminate if service is redis else lambda p=process: p.send_signal(2)
            )
            deadline = time.monotonic() + 20
            while not service.is_ready():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{service.__name__} did not start")
                time.sleep(0.05)
        yield
