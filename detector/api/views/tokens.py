"""The caller's own tokens."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import ApiToken, Scope
from accounts.selectors import tokens_of
from accounts.services import DEFAULT_SCOPES, create_token, revoke_token
from detector.api.fields import TextField
from detector.api.permissions import IsOwnAccount, caller
from detector.api.schema import answer, problems

ACCOUNT_PROBLEMS = (
    "not_authenticated",
    "invalid_token",
    "scope_missing",
    "one_time_password",
    "permission_denied",
)
BODY_PROBLEMS = ("invalid_request", "parse_error", "unsupported_media_type")


class TokenBody(serializers.ModelSerializer[ApiToken]):
    """A token, without its secret."""

    prefix = serializers.SerializerMethodField(help_text="What it begins with.")
    scopes = serializers.ListField(child=serializers.ChoiceField(Scope.choices))

    class Meta:
        model = ApiToken
        fields = ["id", "name", "prefix", "scopes", "created_at", "expires_at", "last_used_at"]

    def get_prefix(self, token: ApiToken) -> str:
        """Return the part that may be shown."""
        return f"vt_{token.prefix}"


class NewTokenBody(TokenBody):
    """A token that was just made: the only answer that holds it in full."""

    token = serializers.CharField()

    class Meta(TokenBody.Meta):
        fields = [*TokenBody.Meta.fields, "token"]


class TokenList(serializers.Serializer[Any]):
    """All tokens of the caller that are not revoked."""

    results = TokenBody(many=True)


class TokenRequest(serializers.Serializer[Any]):
    """What a new token is to be."""

    name = TextField(max_length=100, help_text="Where it will be used.")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(Scope.choices),
        min_length=1,
        max_length=len(Scope),
        default=[scope.value for scope in DEFAULT_SCOPES],
        help_text="What it may do, as far as its owner may.",
    )
    expires_in_days = serializers.IntegerField(
        allow_null=True,
        default=None,
        min_value=1,
        max_value=3650,
        help_text="When it ends; never without this.",
    )

    @property
    def expires_at(self) -> datetime | None:
        """When the token ends."""
        days = self.validated_data["expires_in_days"]
        return timezone.now() + timedelta(days=days) if days else None


_TOKEN = {
    "id": 7,
    "name": "call platform",
    "prefix": "vt_3f0a9c1b2d4e",
    "scopes": ["predict", "read"],
    "created_at": "2026-11-23T10:00:00Z",
    "expires_at": "2027-02-21T10:00:00Z",
    "last_used_at": None,
}
_LIST = OpenApiExample("One token", value={"results": [_TOKEN]}, response_only=True)
_NEW = OpenApiExample(
    "Made", value=_TOKEN | {"token": "vt_3f0a9c1b2d4e_…"}, response_only=True, status_codes=["201"]
)


class TokensView(APIView):
    """All of them."""

    permission_classes = [IsOwnAccount]
    parser_classes = [JSONParser]

    @extend_schema(
        operation_id="tokens",
        summary="Your tokens",
        responses={
            200: answer(TokenList, "Those that are not revoked, newest first.", _LIST),
            **problems(*ACCOUNT_PROBLEMS),
        },
    )
    def get(self, request: Request) -> Response:
        """Return your tokens without their secrets. Asked with a token, that needs `admin`."""
        rows = tokens_of(caller(request))
        return Response({"results": TokenBody(rows, many=True).data})

    @extend_schema(
        operation_id="create_token",
        summary="Make a token",
        request=TokenRequest,
        responses={
            201: answer(NewTokenBody, "The token, this once.", _NEW),
            **problems(*ACCOUNT_PROBLEMS, *BODY_PROBLEMS),
        },
    )
    def post(self, request: Request) -> Response:
        """Make a token and return it in full: only a hash is kept, so this is the only time."""
        wish = TokenRequest(data=request.data)
        wish.is_valid(raise_exception=True)
        row, text = create_token(
            owner=caller(request),
            name=wish.validated_data["name"],
            scopes=wish.validated_data["scopes"],
            expires_at=wish.expires_at,
        )
        body = {**TokenBody(row).data, "token": text}
        return Response(body, status=201, headers={"Cache-Control": "no-store"})


class TokenView(APIView):
    """One of them."""

    permission_classes = [IsOwnAccount]

    @extend_schema(
        operation_id="revoke_token",
        summary="Revoke a token",
        responses={
            204: answer(None, "It is refused from now on."),
            **problems(*ACCOUNT_PROBLEMS, "not_found"),
        },
    )
    def delete(self, request: Request, token_id: int) -> Response:
        """End a token at once; it may be the one that asks."""
        token = tokens_of(caller(request)).filter(pk=token_id).first()
        if token is None:
            raise NotFound
        revoke_token(token=token, actor=caller(request))
        return Response(status=204)
