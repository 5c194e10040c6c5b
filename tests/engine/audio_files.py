"""Audio files of every kind, made in memory by the FFmpeg that PyAV carries."""

import io
import struct
from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray

RATE = 16_000


def speechlike(seconds: float = 2.0) -> NDArray[np.float32]:
    """A gliding voice of 120..180 Hz up to 3 kHz that swells four times a second, at 16 kHz."""
    t = np.arange(int(seconds * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(150 + 30 * np.sin(2 * np.pi * 0.7 * t)) / RATE
    voice = sum(np.sin(k * phase) / k for k in range(2, 17))
    signal = voice * (0.55 - 0.45 * np.cos(2 * np.pi * 4 * t))
    return (0.5 * signal / np.abs(signal).max()).astype(np.float32)


def at_rate(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Resample from 16 kHz by Fourier's method: exact for what lies below both Nyquist rates."""
    n = round(len(samples) * rate / RATE)
    spectrum = np.fft.rfft(samples)
    wanted = np.zeros(n // 2 + 1, complex)
    common = min(len(spectrum), len(wanted))
    wanted[:common] = spectrum[:common]
    return (np.fft.irfft(wanted, n) * n / len(samples)).astype(np.float32)


def encode(
    samples: NDArray[np.float32],
    *,
    container: str,
    codec: str,
    rate: int = RATE,
    layout: str = "mono",
    bits_per_second: int | None = None,
    with_video: bool = False,
) -> bytes:
    """Encode `samples` (at `rate`, copied to each channel) by an encoder of FFmpeg's."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        if with_video:
            video = out.add_stream("libvpx", rate=10)
            video.width = video.height = 64
            video.pix_fmt = "yuv420p"
        options = {"strict": "-2"}
        stream = out.add_stream(codec, rate=rate, layout=layout, options=options)
        if bits_per_second:
            stream.bit_rate = bits_per_second
        channels = stream.layout.nb_channels
        frame = av.AudioFrame.from_ndarray(
            np.repeat(samples[None], channels, axis=0), format="fltp", layout=layout
        )
        frame.sample_rate = rate
        frame.time_base = Fraction(1, rate)
        resampler = av.AudioResampler(
            stream.format, layout, rate, frame_size=stream.frame_size or 1024
        )
        for piece in (*resampler.resample(frame), *resampler.resample(None)):
            out.mux(stream.encode(piece))
        # FLAC's last packet is empty: news for the header, which Ogg's muxer takes for sound.
        out.mux([last for last in stream.encode(None) if last.size or container != "ogg"])
        if with_video:
            for i in range(int(len(samples) / rate * 10)):
                picture = av.VideoFrame.from_ndarray(np.full((64, 64, 3), i, np.uint8))
                out.mux(video.encode(picture))
            out.mux(video.encode(None))
    return file.getvalue()


def wav(
    data: bytes,
    *,
    rate: int = RATE,
    channels: int = 1,
    bits: int = 16,
    tag: int = 1,
    claimed: int | None = None,
) -> bytes:
    """A WAV file by hand: `claimed` is the length in its header, if that is to be a lie."""
    block = channels * bits // 8
    length = len(data) if claimed is None else claimed
    return (
        b"RIFF"
        + struct.pack("<I", min(36 + length, 0xFFFFFFFF))
        + b"WAVEfmt "
        + struct.pack(
            "<IHHIIHH", 16, tag, channels, rate, rate * block & 0xFFFFFFFF, block & 0xFFFF, bits
        )
        + b"data"
        + struct.pack("<I", length)
        + data
    )


def pcm16(samples: NDArray[np.float32]) -> bytes:
    """16-bit samples."""
    return (samples * 32767).astype("<i2").tobytes()


def id3(body: bytes, picture_bytes: int = 0) -> bytes:
    """Put an ID3v2.4 tag with a picture before `body`."""
    picture = b"\xff\xd8\xff" + bytes(np.random.default_rng(3).bytes(picture_bytes))
    content = b"\0image/jpeg\0\x03\0" + picture
    frame = b"APIC" + _synchsafe(len(content)) + b"\0\0" + content
    return b"ID3\x04\0\0" + _synchsafe(len(frame)) + frame + body


def _synchsafe(size: int) -> bytes:
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))


def amr_wb(frames: int, seed: int = 5) -> bytes:
    """AMR-WB at 6.6 kbit/s by hand (RFC 4867 5.3): random parameters, so noise of a kind."""
    rng = np.random.default_rng(seed)
    return b"#!AMR-WB\n" + b"".join(b"\x04" + rng.bytes(17) for _ in range(frames))


def likeness(found: NDArray[np.float32], wanted: NDArray[np.float32]) -> float:
    """Largest correlation of two signals over shifts of at most 100 ms, where they overlap."""
    n = min(len(found), len(wanted))
    size = 1 << (2 * n - 1).bit_length()
    product = np.fft.irfft(
        np.fft.rfft(found[:n], size) * np.conj(np.fft.rfft(wanted[:n], size)), size
    )
    reach = RATE // 10
    near = np.concatenate([product[: reach + 1], product[-reach:]])
    return float(near.max() / (np.linalg.norm(found[:n]) * np.linalg.norm(wanted[:n])))
