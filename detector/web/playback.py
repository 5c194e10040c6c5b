"""A clip's audio for the browser's player: the file as it was sent, in whole or in parts."""

import re
from collections.abc import Iterator
from uuid import UUID

from django.core.files import File
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from accounts.decorators import PersonRequest, person_required
from detector.models import Clip
from detector.selectors import clip_of, picture_of
from training.models import Sample

# By what the content is, never by what its name says. All are types that a browser plays or
# saves, and none that it would run.
TYPES = {
    "wav": "audio/wav",
    "flac": "audio/flac",
    "mp3": "audio/mpeg",
    "aac": "audio/aac",
    "ogg": "audio/ogg",
    "webm": "audio/webm",
    "mp4": "audio/mp4",
    "amr": "audio/amr",
    "aiff": "audio/aiff",
}
UNPLAYABLE = {"amr", "aiff"}
"""Containers that no common browser plays."""
PLAYABLE_WAV = ("pcm_u8", "pcm_s16", "pcm_s24", "pcm_s32", "pcm_f32", "pcm_f64")
CHUNK = 64 * 1024
ONE_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def plays_in_browsers(clip: Clip | Sample) -> bool:
    """Whether a browser can play the clip as it was sent."""
    codec = str(clip.facts.get("codec", ""))
    if clip.container == "wav" and codec:
        return codec.startswith(PLAYABLE_WAV)
    return clip.container not in UNPLAYABLE


@require_safe
@person_required
def audio(request: PersonRequest, clip_id: UUID) -> HttpResponseBase:
    """Answer with the audio, or with the bytes that a player asks for to seek in it."""
    clip = clip_of(request.user, clip_id)
    if clip is None:
        raise Http404
    return serve_audio(request, clip)


@require_safe
@person_required
def spectrogram(request: PersonRequest, clip_id: UUID) -> HttpResponse:
    """Answer with the clip's spectrogram as PNG."""
    clip = clip_of(request.user, clip_id)
    if clip is None:
        raise Http404
    return serve_spectrogram(clip)


def serve_spectrogram(clip: Clip) -> HttpResponse:
    """Answer with a clip's spectrogram; who may see it has been checked."""
    picture = picture_of(clip)
    if picture is None:
        raise Http404
    return HttpResponse(
        bytes(picture.spectrogram),
        content_type="image/png",
        headers={"Cache-Control": "private, max-age=3600"},
    )


def serve_audio(request: HttpRequest, clip: Clip | Sample) -> HttpResponseBase:
    """Answer with a clip's audio, or a range of it; who may hear it has been checked."""
    if not clip.audio:
        raise Http404
    etag = f'"{clip.sha256}"'
    start, end = 0, clip.size - 1
    # RFC 9110, 14: what is no single range of bytes, or belongs to another content, is ignored.
    asked = ONE_RANGE.fullmatch(request.headers.get("Range", ""))
    if request.headers.get("If-Range", etag) != etag:
        asked = None
    if asked and (asked[1] or asked[2]):
        if asked[1]:
            start = int(asked[1])
            end = min(int(asked[2] or end), end)
        else:
            start = max(0, clip.size - int(asked[2]))
        if start > end:
            return HttpResponse(
                status=416, headers={"Content-Range": f"bytes */{clip.size}", "ETag": etag}
            )
    else:
        asked = None
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Type": TYPES.get(clip.container, "application/octet-stream"),
        "Content-Length": str(end - start + 1),
        "Content-Disposition": content_disposition_header(
            as_attachment="download" in request.GET, filename=clip.name
        ),
        "ETag": etag,
        "Cache-Control": "private, max-age=3600",
        # Should a browser ever take the file for a page, it may do nothing.
        "Content-Security-Policy": "default-src 'none'; media-src 'self'; sandbox",
    }
    if asked:
        headers["Content-Range"] = f"bytes {start}-{end}/{clip.size}"
    status = 206 if asked else 200
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=headers)
    try:
        file = clip.audio.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    return StreamingHttpResponse(
        _part(file, start, end - start + 1), status=status, headers=headers
    )


def _part(file: "File[bytes]", start: int, length: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        while length > 0 and (chunk := file.read(min(CHUNK, length))):
            length -= len(chunk)
            yield chunk
