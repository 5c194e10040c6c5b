"""Reading uploads: forms, and recordings that are the whole body. Both are streamed to disk."""

from collections.abc import Mapping
from typing import IO, Any

from django.utils.datastructures import MultiValueDict
from rest_framework.parsers import DataAndFiles, FileUploadParser

UNNAMED = "recording"


class RecordingParser(FileUploadParser):
    """A body that is the recording itself; name and options stand in the address."""

    media_type = "audio/*"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> "DataAndFiles[Any, Any]":
        """Return the options as data and the body as the file `file`."""
        assert parser_context is not None
        found = super().parse(stream, media_type, parser_context)
        found.data = parser_context["request"].query_params
        found.files = MultiValueDict({name: [file] for name, file in found.files.items()})
        # As Django does with a form's: the request closes them, and so temporary files go.
        parser_context["request"]._request._files = found.files
        return found

    def get_filename(self, stream: Any, media_type: Any, parser_context: Mapping[str, Any]) -> str:
        """Return the name from `Content-Disposition` or the parameter `filename`."""
        named = super().get_filename(stream, media_type, parser_context)
        return named or parser_context["request"].query_params.get("filename") or UNNAMED


class VideoParser(RecordingParser):
    """Containers that browsers call video, though they may hold sound alone."""

    media_type = "video/*"


class OggParser(RecordingParser):
    """Ogg by its registered name."""

    media_type = "application/ogg"


class BytesParser(RecordingParser):
    """A body of which the sender knows nothing."""

    media_type = "application/octet-stream"


RECORDINGS = (RecordingParser, VideoParser, OggParser, BytesParser)
