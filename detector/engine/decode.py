"""Bytes from a stranger -> samples, where a bad file costs one clip and nothing else."""

import json
import os
import shutil
import signal
import stat
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO, Self, cast

import numpy as np
from numpy.typing import NDArray

from detector.engine import plain_wav
from detector.engine.errors import ClipError, DecoderCrashedError
from detector.engine.sniff import HEAD_BYTES, Format, sniff
from detector.engine.types import SAMPLE_RATE, Audio, ClipFacts
from detector.engine.zygote import Zygote, ZygoteGoneError

ABSURD_PEAK = 16.0
"""Float samples beyond this (24 dB over full scale) are in another unit, such as -32768..32767."""

_CHILD_CODES = (
    "audio_too_long",
    "audio_too_short",
    "decode_failed",
    "no_audio",
    "too_many_channels",
    "unsupported_format",
    "unsupported_rate",
)
_GRACE_SECONDS = 5.0
_SLACK_SECONDS = 60
_MOST_TAGS = 8
_REPLY_BYTES = 4096


class Decoder:
    """Decodes clips, each in a confined process of its own.

    A context manager; entering it starts the helper process, so that the first clip is as fast as
    the rest. One is enough for a worker process: threads take turns. After a fork, the copy starts
    a helper of its own when it is first used. See docs/formats.md for what is accepted.

    Parameters
    ----------
    memory_bytes : int
        Address space that decoding one clip may add.
    cpu_seconds : float
        CPU time that one clip may take, rounded up to whole seconds.
    wall_seconds : float
        Time on the clock that one clip may take.

    Examples
    --------
    >>> with Decoder() as decoder:
    ...     audio = decoder.decode(Path("clip.mp3"))
    >>> audio.samples.dtype, audio.facts.codec
    (dtype('float32'), 'mp3')
    """

    def __init__(
        self,
        *,
        memory_bytes: int = 256 << 20,
        cpu_seconds: float = 20.0,
        wall_seconds: float = 30.0,
    ) -> None:
        self._limits = {
            "memory_bytes": memory_bytes,
            "cpu_seconds": cpu_seconds,
            "wall_seconds": wall_seconds,
        }
        self._zygote: Zygote | None = None
        self._lock = Lock()
        _decoders.add(self)

    def __enter__(self) -> Self:
        with self._lock:
            self._zygote = self._zygote or Zygote()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the helper process. Decoding again starts another."""
        with self._lock:
            if self._zygote is not None:
                self._zygote.close()
                self._zygote = None

    def decode(
        self,
        source: bytes | Path | BinaryIO,
        *,
        max_seconds: float = 600.0,
        min_seconds: float = 0.5,
    ) -> Audio:
        """Decode one clip.

        Parameters
        ----------
        source : bytes, Path or binary file
            The clip. A file is read from its beginning, wherever it stands.
        max_seconds, min_seconds : float
            Longest and shortest clip that is accepted.

        Returns
        -------
        Audio
            Mono float32 of shape (n,) at `SAMPLE_RATE` in -1..1, the mean of all channels.

        Raises
        ------
        ClipError
            ``empty_file``, ``unsupported_format``, ``no_audio``, ``decode_failed``,
            ``audio_too_long``, ``audio_too_short``, ``too_many_channels``,
            ``unsupported_rate``, ``not_finite``, ``level_out_of_range``.
        DecoderCrashedError
            ``decoder_crashed``, ``decoder_memory``, ``decoder_timeout``.
        """
        with (
            _descriptor(source) as clip,
            _memory_file("samples") as samples,
            _memory_file("reply") as reply,
        ):
            found = _sniff(clip)
            plain = plain_wav.read(clip, min_seconds=min_seconds, max_seconds=max_seconds)
            if plain is not None:
                return Audio(plain, _plain_facts(plain))
            request = {
                "start": found.start,
                "limits": {
                    **self._limits,
                    "file_bytes": int((max_seconds + _SLACK_SECONDS) * SAMPLE_RATE) * 4,
                },
                "clip": {
                    "demuxer": found.demuxer,
                    "rate": SAMPLE_RATE,
                    "max_seconds": max_seconds,
                    "min_seconds": min_seconds,
                },
            }
            with self._lock:
                status = self._ask(json.dumps(request).encode(), (clip, samples, reply))
            self._raise_if_it_died(status)
            facts = _facts(os.pread(reply, _REPLY_BYTES, 0), found, self._limits["memory_bytes"])
            return Audio(_read_samples(samples, facts), facts)

    def _ask(self, request: bytes, descriptors: tuple[int, ...]) -> int:
        """Pass the request on; a helper that is found dead is replaced once."""
        patience = self._limits["wall_seconds"] + _GRACE_SECONDS
        for _ in range(2):
            try:
                self._zygote = self._zygote or Zygote()
                return self._zygote.ask(request, descriptors, patience)
            except ZygoteGoneError:
                self._drop_zygote()
            except BaseException as error:
                # A late answer must not be taken for that of the next clip.
                self._drop_zygote()
                if isinstance(error, TimeoutError):
                    raise DecoderCrashedError("decoder_timeout", limit=patience) from error
                raise
        raise DecoderCrashedError("decoder_crashed", how="no helper process")

    def _drop_zygote(self) -> None:
        if self._zygote is not None:
            self._zygote.kill()
            self._zygote = None

    def _raise_if_it_died(self, status: int) -> None:
        if status == 0:
            return
        code = os.waitstatus_to_exitcode(status)
        if -code in (signal.SIGALRM, signal.SIGXCPU):
            limit = "wall_seconds" if -code == signal.SIGALRM else "cpu_seconds"
            raise DecoderCrashedError("decoder_timeout", limit=self._limits[limit])
        how = signal.Signals(-code).name if code < 0 else f"exit {code}"
        raise DecoderCrashedError("decoder_crashed", how=how)

    def _forget_after_fork(self) -> None:
        self._lock = Lock()
        if self._zygote is not None:
            self._zygote.forget()
            self._zygote = None


_decoders: weakref.WeakSet[Decoder] = weakref.WeakSet()


def _forget_after_fork() -> None:
    # A copy of the socket in a fork would also keep the parent's helper alive after it.
    for decoder in _decoders:
        decoder._forget_after_fork()


os.register_at_fork(after_in_child=_forget_after_fork)


@contextmanager
def _memory_file(name: str) -> Iterator[int]:
    fd = os.memfd_create(name, os.MFD_CLOEXEC)
    try:
        yield fd
    finally:
        os.close(fd)


@contextmanager
def _descriptor(source: bytes | Path | BinaryIO) -> Iterator[int]:
    """Yield a descriptor of a regular file with the bytes of `source`."""
    if isinstance(source, Path):
        with source.open("rb", buffering=0) as file:
            yield file.fileno()
        return
    if not isinstance(source, bytes | bytearray | memoryview):
        fd = _regular_descriptor(source)
        if fd is not None:
            yield fd
            return
    with _memory_file("clip") as fd, open(fd, "wb", closefd=False) as copy:
        if isinstance(source, bytes | bytearray | memoryview):
            copy.write(source)
        else:
            source.seek(0)
            shutil.copyfileobj(source, copy, 1 << 18)
        copy.flush()
        yield fd


def _regular_descriptor(file: BinaryIO) -> int | None:
    try:
        fd = file.fileno()
    except (OSError, AttributeError):
        return None
    return fd if stat.S_ISREG(os.fstat(fd).st_mode) else None


def _sniff(fd: int) -> Format:
    """Sniff behind the tags, however long they are."""
    start = 0
    for _ in range(_MOST_TAGS):
        head = os.pread(fd, HEAD_BYTES, start)
        if start and not head:
            raise ClipError("no_audio")
        found = sniff(head)
        if not found.start:
            return replace(found, start=start)
        start += found.start
    raise ClipError("unsupported_format", found="a pile of tags")


def _plain_facts(samples: NDArray[np.float32]) -> ClipFacts:
    return ClipFacts(
        container="wav",
        codec="pcm_s16le",
        sample_rate=SAMPLE_RATE,
        channels=1,
        duration=len(samples) / SAMPLE_RATE,
        truncated=False,
    )


def _facts(reply: bytes, found: Format, memory_bytes: float) -> ClipFacts:
    """Read the child's reply, which is not trusted to be well-formed."""
    try:
        said: dict[str, Any] = json.loads(reply)
        code = said.get("error")
        if code is None:
            return ClipFacts(
                container=found.container,
                codec=str(said["codec"])[:32],
                sample_rate=int(said["sample_rate"]),
                channels=int(said["channels"]),
                duration=int(said["frames"]) / SAMPLE_RATE,
                truncated=bool(said["truncated"]),
            )
        params = cast(dict[str, Any], said["params"])
        if code == "decoder_memory":
            raise DecoderCrashedError(code, limit=f"{int(memory_bytes) >> 20} MiB")
        if code == "decode_failed":
            params["found"] = found.container.upper()
        if code in _CHILD_CODES:
            raise ClipError(code, **params)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DecoderCrashedError("decoder_crashed", how="no sensible answer") from error
    raise DecoderCrashedError("decoder_crashed", how="an unknown answer")


def _read_samples(fd: int, facts: ClipFacts) -> NDArray[np.float32]:
    """Read what the child wrote: it is dead, so that nobody changes it any more."""
    samples = np.empty(os.fstat(fd).st_size // 4, np.float32)
    if len(samples) != round(facts.duration * SAMPLE_RATE):
        raise DecoderCrashedError("decoder_crashed", how="samples are missing")
    with open(fd, "rb", buffering=0, closefd=False) as file:
        file.seek(0)
        file.readinto(samples.data)
    peak = max(float(samples.max()), -float(samples.min()))
    if not np.isfinite(peak):
        raise ClipError("not_finite")
    if peak > ABSURD_PEAK:
        raise ClipError("level_out_of_range", found=round(peak, 1), limit=ABSURD_PEAK)
    if peak > 1.0:
        np.clip(samples, -1.0, 1.0, out=samples)
    return samples
