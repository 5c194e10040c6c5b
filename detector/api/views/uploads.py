"""What the views that read files have in common."""

from typing import Any

from django.conf import settings
from django.http import QueryDict
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.views import APIView

from detector.api.problems import ProblemError
from detector.api.wishes import WishFields
from detector.uploads import megabytes
from detector.wakeup import release_database

OVERHEAD_BYTES = 1024 * 1024
"""What boundaries, part headers and small fields may take."""


class UploadView(APIView):
    """Refuses by `Content-Length` what is too large, before a byte of it is read."""

    parser_classes = [MultiPartParser]
    too_large = "file_too_large"

    def body_limit(self) -> int:
        """Return how many bytes of files one request may hold."""
        limit: int = settings.MAX_UPLOAD_BYTES
        return limit

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check the length, then who asks; then give the database back while the body comes in."""
        length = int(request.META.get("CONTENT_LENGTH") or 0)
        limit = self.body_limit()
        if length > limit + OVERHEAD_BYTES:
            raise ProblemError(self.too_large, limit=megabytes(limit), found=megabytes(length))
        if not length and "Transfer-Encoding" in request.headers:
            raise ProblemError("length_required")
        super().initial(request, *args, **kwargs)
        release_database()

    def read(self, serializer: type[WishFields], request: Request, **files: Any) -> dict[str, Any]:
        """Return the fields of an upload, checked.

        A form that leaves out a box does not mean "no", so it is not read as a form.
        """
        if "url" in request.data:
            raise ProblemError("url_refused")
        sent = request.data.dict() if isinstance(request.data, QueryDict) else dict(request.data)
        sent |= {name: file for name, file in files.items() if file is not None}
        fields = serializer(data=sent)
        fields.is_valid(raise_exception=True)
        return dict(fields.validated_data)
