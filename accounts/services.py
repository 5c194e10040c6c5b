"""Writes: people, tokens, the audit trail."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts.models import ApiToken, AuditEvent, Scope, User

DEFAULT_SCOPES = (Scope.PREDICT, Scope.READ)


def token_digest(secret: str) -> str:
    """Return the keyed hash under which a token's secret is stored."""
    return hmac.new(settings.SECRET_KEY.encode(), secret.encode(), hashlib.sha256).hexdigest()


@transaction.atomic
def create_token(
    *,
    owner: User,
    name: str,
    scopes: Sequence[str] = DEFAULT_SCOPES,
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """Make a token and return it with its full text, which is shown this once."""
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    token = ApiToken(
        owner=owner,
        name=name,
        prefix=prefix,
        digest=token_digest(secret),
        scopes=[str(scope) for scope in scopes],
        expires_at=expires_at,
    )
    token.full_clean()
    token.save()
    record(actor=owner, action="token.created", target=str(token))
    return token, f"vt_{prefix}_{secret}"


def record(
    *, actor: User | None, action: str, target: str = "", details: dict[str, object] | None = None
) -> AuditEvent:
    """Add a row to the audit trail."""
    return AuditEvent.objects.create(
        actor=actor, action=action, target=target[:200], details=details or {}
    )


@transaction.atomic
def ensure_admin(*, email: str, password: str) -> tuple[User, str | None]:
    """Make sure that an administrator exists.

    Returns the administrator, and the one-time password if this call made one up: a person who
    logs in with it is asked for their own. A given password is kept as it is.
    """
    existing = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
    if existing:
        return existing, None
    one_time = None if password else secrets.token_urlsafe(12)
    user = User.objects.create_superuser(
        email, password or one_time, must_change_password=one_time is not None
    )
    record(actor=None, action="user.created", target=user.email)
    return user, one_time


@transaction.atomic
def change_password(*, user: User, password: str) -> User:
    """Give a person the password that they chose; a one-time password has served its turn."""
    user.set_password(password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    record(actor=user, action="password.changed", target=user.email)
    return user
