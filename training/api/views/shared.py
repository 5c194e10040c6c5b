"""What the views of the training centre have in common."""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView
from rest_framework.serializers import BaseSerializer

from detector.api.paging import HistoryPage
from detector.api.schema import answer, problems

CALLER_PROBLEMS = (
    "not_authenticated",
    "invalid_token",
    "permission_denied",
    "role_missing",
    "scope_missing",
)
OBJECT_PROBLEMS = problems(*CALLER_PROBLEMS, "not_found")

Row = TypeVar("Row", bound=Model)


class TeamList(ListAPIView[Row]):
    """Rows of the training centre, page by page: they belong to the team, and to nobody alone."""

    pagination_class = HistoryPage
    rows: Any
    """Selector of what is listed."""

    def get_queryset(self) -> QuerySet[Row]:
        """Return all of them."""
        every: QuerySet[Row] = self.rows()
        return every


def described_list(
    operation: str,
    summary: str,
    body: type[BaseSerializer[Any]],
    example: OpenApiExample,
    *more_problems: str,
) -> Any:
    """Describe a `TeamList` in the OpenAPI document."""
    responses = {
        200: answer(body(many=True), "A page.", example),
        **problems(*CALLER_PROBLEMS, "invalid_request", *more_problems),
    }
    text = "Page by page; follow `next` until it is null."
    return extend_schema_view(
        get=extend_schema(
            operation_id=operation, summary=summary, description=text, responses=responses
        )
    )


def found(row: Row | None) -> Row:
    """Return what a selector found, or answer 404."""
    if row is None:
        raise NotFound
    return row
