"""Paging that stays right while rows arrive."""

from typing import Any

from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView


class HistoryPage(CursorPagination):
    """Newest first; `page_size` up to 200."""

    page_size = 50
    page_size_query_param = "page_size"
    page_size_query_description = "Rows of a page, 50 if it is left out; more than 200 are 200."
    max_page_size = 200
    ordering: tuple[str, ...] = ("-created_at", "-id")

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Read the cursor; one that was not made here is the request's fault, not a 404."""
        try:
            return super().decode_cursor(request)
        except NotFound as error:
            raise ValidationError({"cursor": ["This is not a cursor of ours."]}) from error

    def get_page_size(self, request: Request) -> int | None:
        """Read the page size; what is no whole number above 0 is refused, not passed over."""
        given = request.query_params.get("page_size", str(self.page_size))
        if not (given.isascii() and given.isdigit() and given.strip("0")):
            raise ValidationError({"page_size": ["Write a whole number, 1 or more."]})
        return super().get_page_size(request)

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """Describe what `get_page_size` takes."""
        parameters: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            if parameter["name"] == "page_size":
                parameter["schema"]["minimum"] = 1
        return parameters
