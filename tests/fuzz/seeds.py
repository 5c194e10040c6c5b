"""One sound file of every format that is read: what the mutations start from."""

from collections.abc import Mapping

from tests.engine.audio_files import amr_wb, at_rate, encode, id3, pcm16, speechlike, wav

_SECONDS = 1.0

_ENCODED = {
    # name: FFmpeg's muxer, encoder, rate, bits per second
    "WAV 24 bit": ("wav", "pcm_s24le", 22_050, None),
    "WAV float": ("wav", "pcm_f32le", 22_050, None),
    "WAV mu-law": ("wav", "pcm_mulaw", 8_000, None),
    "WAV ADPCM (MS)": ("wav", "adpcm_ms", 22_050, None),
    "WAV ADPCM (IMA)": ("wav", "adpcm_ima_wav", 22_050, None),
    "AIFF": ("aiff", "pcm_s16be", 22_050, None),
    "FLAC": ("flac", "flac", 16_000, None),
    "MP3": ("mp3", "libmp3lame", 16_000, 32_000),
    "Ogg Vorbis": ("ogg", "vorbis", 44_100, 64_000),
    "Ogg Opus": ("ogg", "libopus", 16_000, 32_000),
    "Ogg FLAC": ("ogg", "flac", 16_000, None),
    "WebM Opus": ("webm", "libopus", 48_000, 32_000),
    "MP4 AAC": ("ipod", "aac", 16_000, 32_000),
    "MP4 ALAC": ("ipod", "alac", 16_000, None),
    "AAC (ADTS)": ("adts", "aac", 16_000, 32_000),
    "AMR-NB": ("amr", "libopencore_amrnb", 8_000, 12_200),
}


def seeds() -> Mapping[str, bytes]:
    """Return a sound file of about a second for each format, by the format's name."""
    signal = speechlike(_SECONDS)
    files = {
        name: encode(
            at_rate(signal, rate),
            container=muxer,
            codec=encoder,
            rate=rate,
            layout="stereo" if encoder == "vorbis" else "mono",
            bits_per_second=bits,
        )
        for name, (muxer, encoder, rate, bits) in _ENCODED.items()
    }
    files["WAV 16 bit"] = wav(pcm16(signal))
    files["AMR-WB"] = amr_wb(frames=int(50 * _SECONDS))
    files["MP3 with ID3"] = id3(files["MP3"], picture_bytes=2_000)
    return files
