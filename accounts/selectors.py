"""Reads: tokens and invitations."""

import hmac

from constance import config
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import ApiToken, Invitation, User
from accounts.services import token_digest


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """Return the person's tokens that are not revoked, newest first; some may have expired."""
    return ApiToken.objects.filter(owner=user, revoked_at=None)


def find_token(text: str) -> ApiToken | None:
    """Return the valid token that reads `text`, or None."""
    kind, _, rest = text.partition("_")
    prefix, _, secret = rest.partition("_")
    # PostgreSQL refuses a text with a NUL in it, so only what a prefix may hold gets there.
    if kind != "vt" or not secret or not prefix.isalnum():
        return None
    tokens = ApiToken.objects.select_related("owner__team").filter(prefix=prefix)
    token = next(iter(tokens.order_by()), None)
    if token is None or not hmac.compare_digest(token.digest, token_digest(secret)):
        return None
    return token if token.is_valid(timezone.now()) else None


SIGNUP_POLICIES = ("closed", "invitation", "open")
"""From the strictest on."""


def signup_policy() -> str:
    """Return who may make an account: the stricter of the environment's word and the panel's."""
    chosen = {settings.SIGNUP, config.SIGNUP}
    return next(policy for policy in SIGNUP_POLICIES if policy in chosen)


def find_invitation(secret: str) -> Invitation | None:
    """Return the invitation of a link that may still be used, or None."""
    return Invitation.objects.filter(
        digest=token_digest(secret), accepted_at=None, expires_at__gt=timezone.now()
    ).first()
