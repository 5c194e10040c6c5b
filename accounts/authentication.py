"""How a program says who it is: ``Authorization: Bearer vt_...``."""

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.guessing import note_bad_token
from accounts.models import ApiToken, User
from accounts.selectors import find_token

LAST_USE_STEP = timedelta(minutes=1)
"""`last_used_at` is written at most this often, so that reading stays reading."""


def token_of(request: HttpRequest) -> ApiToken | None:
    """Return the valid token in the header, looked up once for a request; None without one."""
    if not hasattr(request, "_api_token"):
        words = get_authorization_header(request).split()  # type: ignore[arg-type]  # reads META
        text = words[1].decode("latin-1") if len(words) == 2 else ""
        request._api_token = find_token(text)  # type: ignore[attr-defined]  # kept with it
    found: ApiToken | None = request._api_token  # type: ignore[attr-defined]
    return found


class TokenAuthentication(BaseAuthentication):
    """Bearer tokens (the word ``Token`` is taken as well)."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return the owner and the token, None without a header; a bad token is an error."""
        words = get_authorization_header(request).split()
        if not words or words[0].lower() not in (b"bearer", b"token"):
            return None
        token = token_of(request._request)
        if token is None:
            note_bad_token(request)
            raise AuthenticationFailed("The token is unknown, expired or revoked.")
        now = timezone.now()
        if token.last_used_at is None or now - token.last_used_at > LAST_USE_STEP:
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        return token.owner, token

    def authenticate_header(self, request: Request) -> str:
        """Name the scheme, so that a missing token is answered 401."""
        return 'Bearer realm="voicetell"'
