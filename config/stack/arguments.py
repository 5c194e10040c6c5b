"""The arguments of `up`, for `manage.py` and for the process that it becomes."""

import argparse
import os


def _port(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 65_535:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return number


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def add_up_arguments(up: argparse.ArgumentParser) -> None:
    """Define the arguments of `up`."""
    cores = len(os.sched_getaffinity(0))
    up.add_argument("--port", type=_port, default=8000, help="port of the site (8000)")
    up.add_argument("--bind", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    up.add_argument(
        "--predict-workers",
        type=_count,
        default=cores,
        metavar="N",
        help=f"clips that are judged at the same time (as many as there are cores: {cores})",
    )
