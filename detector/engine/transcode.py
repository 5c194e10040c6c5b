"""Any known file -> mono float32 samples at one rate, by FFmpeg. Runs in the decoding child only.

numpy is not loaded here: a small process forks faster.
"""

import os
import wave
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any, BinaryIO, NoReturn, cast

import av
import av.subtitles.codeccontext  # else it is imported when a clip with subtitles comes
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container.input import InputContainer
from av.filter import Graph

from detector.engine.errors import ClipError

# fmt: off
CODECS = frozenset({
    "aac", "alac", "flac", "mp1", "mp2", "mp3float", "opus", "vorbis", "amrnb", "amrwb", "gsm_ms",
    "adpcm_ms", "adpcm_ima_wav", "adpcm_ima_qt", "pcm_alaw", "pcm_mulaw", "pcm_u8", "pcm_s8",
    "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_s32be",
    "pcm_f32le", "pcm_f32be", "pcm_f64le", "pcm_f64be",
})
# fmt: on
"""FFmpeg's decoders that may be used; no other is ever opened."""

MIN_RATE, MAX_RATE = 8_000, 192_000
"""Sample rates of the source that are accepted, in Hz."""

MAX_CHANNELS = 64
"""As many as FFmpeg can mix."""

_SLOWEST = 4_000
"""Bits per second below which no speech codec works: AMR begins at 4.75 kbit/s."""

_PADDING = 0.1
"""Seconds that an encoder may add to a clip of just the longest length."""


class Source:
    """What PyAV reads: a descriptor from `start` on. `pread` leaves its shared position alone."""

    def __init__(self, fd: int, start: int) -> None:
        self._fd = fd
        self._start = start
        self._at = 0
        self.size = max(0, os.fstat(fd).st_size - start)

    def read(self, size: int) -> bytes:
        """Return at most `size` bytes, none at the end."""
        data = os.pread(self._fd, size, self._start + self._at)
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to `offset`; as in a file, that may lie behind the end."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """Return the position."""
        return self._at


def transcode(
    source: Source,
    sink: BinaryIO,
    *,
    demuxer: str,
    rate: int,
    max_seconds: float,
    min_seconds: float,
) -> dict[str, Any]:
    """Decode the first audio stream of `source` and write it as mono float32 to `sink`.

    Channels are averaged with equal weights. What follows damage is used as far as it decodes.

    Parameters
    ----------
    source : Source
        The file.
    sink : binary file
        Gets native-endian float32 samples.
    demuxer : str
        The one FFmpeg demuxer that may be used.
    rate : int
        Sample rate of the result, in Hz.
    max_seconds, min_seconds : float
        Shortest and longest clip that is accepted.

    Returns
    -------
    dict
        ``codec``, ``sample_rate`` (Hz) and ``channels`` of the source as they were decoded,
        ``frames`` written and ``truncated``.

    Raises
    ------
    ClipError
        ``decode_failed``, ``no_audio``, ``unsupported_format``, ``unsupported_rate``,
        ``too_many_channels``, ``audio_too_long`` or ``audio_too_short``.
    MemoryError
        The memory limit was met.
    """
    try:
        container = _open(source, demuxer)
    except av.error.MemoryError:
        raise
    except av.error.FFmpegError as error:
        raise ClipError("decode_failed") from error
    with container:
        stream = next(iter(container.streams.audio), None)
        if stream is None:
            raise ClipError("no_audio")
        if stream.codec_context is None or stream.codec_context.name not in CODECS:
            raise ClipError("unsupported_format", found=f"{_codec_name(stream)} audio")
        stream.codec_context.thread_count = 1
        _check_channels(stream.codec_context.layout.nb_channels)
        claimed = _claimed_seconds(container, stream, source)
        if claimed > max_seconds + _PADDING and _is_credible(claimed, stream, source):
            raise ClipError("audio_too_long", found=round(claimed, 1), limit=max_seconds)

        frames = _Frames(container, stream)
        mixer = None
        written = 0
        for written, mixer in _mixed(frames, rate, sink):  # noqa: B007 - the last pair is used
            if written > (max_seconds + _PADDING) * rate:
                raise ClipError("audio_too_long", found=round(written / rate, 1), limit=max_seconds)
        if mixer is None:
            raise ClipError("decode_failed" if frames.damaged else "no_audio")
        if written < min_seconds * rate:
            raise ClipError("audio_too_short", found=round(written / rate, 2), limit=min_seconds)
        return {
            "codec": _codec_name(stream),
            "sample_rate": mixer.source_rate,
            "channels": mixer.channels,
            "frames": written,
            "truncated": frames.damaged
            or written / rate < claimed * 0.99 - 0.1
            or (demuxer == "ogg" and _last_page_is_cut(source)),
        }


def warm_up() -> None:
    """Do now what FFmpeg and PyAV leave for the first clip: fill tables, import the rest."""
    for name in CODECS:
        try:
            av.CodecContext.create(name, "r").open()
        except av.error.FFmpegError:
            continue  # it wants parameters from a file; its tables are small
    fd = os.memfd_create("silence", os.MFD_CLOEXEC)
    with os.fdopen(fd, "w+b") as clip, wave.open(clip, "wb") as wav, BytesIO() as sink:
        wav.setparams((2, 2, 44_100, 0, "NONE", ""))
        wav.writeframes(bytes(4 * 44_100))
        transcode(Source(fd, 0), sink, demuxer="wav", rate=16_000, max_seconds=2, min_seconds=0)


def _open(source: Source, demuxer: str) -> InputContainer:
    container = av.open(
        source,
        format=demuxer,
        options={
            "format_whitelist": demuxer,
            "codec_whitelist": ",".join(CODECS),
            "protocol_whitelist": "none",
            # Else 20 ms go into looking for DTS within a stereo WAV.
            "max_probe_packets": "1",
            # WAV: bytes in a packet. FFmpeg's own choice costs seconds for a header of 65,535
            # channels, and the first packet, in which it looks for DTS, 2 ms a 64 KiB.
            "max_size": str(min(max(source.size // 16, 4096), 65_536)),
        },
        metadata_errors="replace",
        buffer_size=1 << 16,
        io_open=_refuse_to_open,
    )
    return cast(InputContainer, container)  # it was not opened for writing


def _refuse_to_open(url: str, flags: int, options: dict[str, str]) -> NoReturn:
    """Answer a container that names another file or address."""
    raise PermissionError("a clip may not refer to anything else")


def _codec_name(stream: AudioStream) -> str:
    context = stream.codec_context
    return context.codec.canonical_name if context is not None else "unknown"


def _check_channels(found: int) -> None:
    if found > MAX_CHANNELS:
        raise ClipError("too_many_channels", found=found, limit=MAX_CHANNELS)


def _claimed_seconds(container: InputContainer, stream: AudioStream, source: Source) -> float:
    """Duration that the header states, or 0 where FFmpeg would only guess it from a bit rate."""
    name = container.format.name
    if name in ("aac", "amr") or (name == "mp3" and not _counts_its_frames(source)):
        return 0.0
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    if container.duration is not None:
        return container.duration / av.time_base
    return 0.0


def _counts_its_frames(source: Source) -> bool:
    """Whether an MP3 begins with a Xing, Info or VBRI frame."""
    source_at = source.tell()
    source.seek(0)
    head = source.read(2048)
    source.seek(source_at)
    return any(tag in head for tag in (b"Xing", b"Info", b"VBRI"))


def _is_credible(seconds: float, stream: AudioStream, source: Source) -> bool:
    """Whether so many seconds can be in a file of this size."""
    return source.size * 8 >= seconds * max(0.9 * (stream.bit_rate or 0), _SLOWEST)


def _last_page_is_cut(source: Source) -> bool:
    """Whether an Ogg file ends within a page (RFC 3533 6)."""
    source.seek(max(0, source.size - 2 * 65_307))
    tail = source.read(2 * 65_307)
    at = tail.rfind(b"OggS")
    if at == -1 or len(tail) < at + 27:
        return True
    segments = tail[at + 27 : at + 27 + tail[at + 26]]
    return len(segments) < tail[at + 26] or at + 27 + len(segments) + sum(segments) > len(tail)


def _mixed(
    frames: Iterable[AudioFrame], rate: int, sink: BinaryIO
) -> Iterator[tuple[int, "_Mixer"]]:
    """Mix frame after frame into `sink`; yield how many samples are in it, and by which mixer."""
    mixer = None
    written = 0
    for frame in frames:
        if mixer is None or not mixer.takes(frame):
            if mixer is not None:
                written += mixer.finish()
            mixer = _Mixer(frame, rate, sink)
        written += mixer.push(frame)
        yield written, mixer
    if mixer is not None:
        yield written + mixer.finish(), mixer


class _Frames:
    """The frames of a stream that decode; `damaged` says afterwards that some did not."""

    def __init__(self, container: InputContainer, stream: AudioStream) -> None:
        self._container = container
        self._stream = stream
        self.damaged = False

    def __iter__(self) -> Iterator[AudioFrame]:
        try:
            for packet in self._container.demux(self._stream):
                if packet.is_corrupt:
                    self.damaged = True
                try:
                    frames = packet.decode()
                except av.error.MemoryError:
                    raise
                except av.error.FFmpegError:
                    self.damaged = True
                    continue
                for frame in frames:
                    if frame.samples:
                        yield frame
        except av.error.MemoryError:
            raise
        except av.error.FFmpegError:
            self.damaged = True


class _Mixer:
    """Averages the channels, then resamples: one for as long as the source keeps its shape.

    The resampler is FFmpeg's swr with a filter four times as long as its default: flat to 7.3 kHz
    and below -90 dB from 8.2 kHz on for a result of 16 kHz (the default is down 3 dB at 7.5 kHz
    and lets 8.2 kHz through at -15 dB). It adds no delay. `pan` averages; the downmix of swr
    weights channels by their place in a cinema and lets the sum exceed full scale.
    """

    _BATCH = 16_384
    """Samples between two looks at the output, each of which ends in an exception."""

    def __init__(self, frame: AudioFrame, rate: int, sink: BinaryIO) -> None:
        self._shape = self._shape_of(frame)
        self.source_rate = frame.sample_rate
        self.channels = frame.layout.nb_channels
        self._sink = sink
        self._waiting = 0
        if not MIN_RATE <= self.source_rate <= MAX_RATE:
            raise ClipError("unsupported_rate", found=self.source_rate, low=MIN_RATE, high=MAX_RATE)
        _check_channels(self.channels)
        share = 1 / self.channels
        mean = "+".join(f"{share!r}*c{i}" for i in range(self.channels))
        graph = Graph()
        graph.threads = 1
        graph.link_nodes(
            graph.add(
                "abuffer",
                sample_rate=str(frame.sample_rate),
                sample_fmt=frame.format.name,
                channel_layout=frame.layout.name,
                time_base=f"1/{frame.sample_rate}",
            ),
            graph.add("aformat", sample_fmts="fltp"),
            graph.add("pan", f"mono|c0={mean}"),
            graph.add("aresample", sample_rate=str(rate), filter_size="128", cutoff="0.97"),
            graph.add("aformat", sample_fmts="flt", channel_layouts="mono"),
            graph.add("abuffersink"),
        ).configure()
        self._graph = graph

    @staticmethod
    def _shape_of(frame: AudioFrame) -> tuple[str, str, int]:
        return frame.format.name, frame.layout.name, frame.sample_rate

    def takes(self, frame: AudioFrame) -> bool:
        """Whether `frame` has the shape that this mixer was made for."""
        return self._shape_of(frame) == self._shape

    def push(self, frame: AudioFrame) -> int:
        """Take a frame; return how many samples were written for it and those before."""
        frame.pts = None
        self._graph.push(frame)
        self._waiting += frame.samples
        return self._drain() if self._waiting >= self._BATCH else 0

    def finish(self) -> int:
        """Write what is left; return how many samples."""
        self._graph.push(None)
        return self._drain()

    def _drain(self) -> int:
        self._waiting = 0
        written = 0
        while True:
            try:
                frame = cast(AudioFrame, self._graph.pull())
            except (av.error.BlockingIOError, av.error.EOFError):
                return written
            self._sink.write(memoryview(frame.planes[0])[: 4 * frame.samples])
            written += frame.samples
