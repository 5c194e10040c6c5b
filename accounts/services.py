"""Writes: people, tokens, the audit trail."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import ApiToken, AuditEvent, Erasure, Invitation, Role, Scope, Team, User

DEFAULT_SCOPES = (Scope.PREDICT, Scope.READ)


INVITATION_LASTS = timedelta(days=7)


class LastAdministratorError(Exception):
    """The change would leave nobody who may administer."""


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
    """Make a token and return it with its full text, which is shown this once.

    Raises
    ------
    ValidationError
        The name is missing, the scopes are none, or the end has passed.
    """
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


@transaction.atomic
def revoke_token(*, token: ApiToken, actor: User | None) -> None:
    """End a token at once. Doing it twice does no harm."""
    now = timezone.now()
    if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
        record(actor=actor, action="token.revoked", target=str(token))


def record(
    *, actor: User | None, action: str, target: str = "", details: dict[str, object] | None = None
) -> AuditEvent:
    """Add a row to the audit trail."""
    return AuditEvent.objects.create(
        actor=actor, action=action, target=target[:200], details=details or {}
    )


def prove_erasure(*, kind: str, target: str, sha256: str, size: int) -> Erasure:
    """Write down that a file's bytes have gone from storage."""
    return Erasure.objects.create(kind=kind, target=target, sha256=sha256, size=size)


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
    # Whether they receive e-mail at this address is not known, and must not keep them out.
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
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


@transaction.atomic
def issue_one_time_password(*, user: User, actor: User | None) -> str:
    """Replace a person's password by one for one use, which ends their sessions; return it."""
    password = secrets.token_urlsafe(12)
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    record(actor=actor, action="password.one_time", target=user.email)
    return password


@transaction.atomic
def change_person(
    *, user: User, actor: User, role: str, team: Team | None, is_active: bool
) -> User:
    """Give a person another role or team, lock them out, or let them in again.

    Raises
    ------
    LastAdministratorError
        Nobody would be left who can do this.
    """
    others = User.objects.select_for_update().filter(role=Role.ADMINISTRATOR, is_active=True)
    stays = is_active and role == Role.ADMINISTRATOR
    if not stays and not others.exclude(pk=user.pk).exists():
        raise LastAdministratorError
    before = {"role": user.role, "team": str(user.team or ""), "is_active": user.is_active}
    user.role, user.team, user.is_active = role, team, is_active
    user.is_superuser = user.is_staff = role == Role.ADMINISTRATOR
    user.save(update_fields=["role", "team", "is_active", "is_superuser", "is_staff"])
    after = {"role": role, "team": str(team or ""), "is_active": is_active}
    record(
        actor=actor,
        action="user.changed",
        target=user.email,
        details={"before": before, "after": after},
    )
    return user


@transaction.atomic
def invite(*, actor: User, email: str, role: str, team: Team | None) -> tuple[Invitation, str]:
    """Invite a person; return the invitation with the secret of its link, known only now."""
    secret = secrets.token_urlsafe(32)
    invitation = Invitation(
        email=email.strip().lower(),
        role=role,
        team=team,
        digest=token_digest(secret),
        invited_by=actor,
        expires_at=timezone.now() + INVITATION_LASTS,
    )
    invitation.full_clean()
    invitation.save()
    record(actor=actor, action="user.invited", target=invitation.email, details={"role": role})
    return invitation, secret


@transaction.atomic
def accept_invitation(*, invitation: Invitation, user: User) -> User:
    """Give a person who has just signed up what they were invited for."""
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    user.role, user.team = invitation.role, invitation.team
    user.is_superuser = user.is_staff = user.role == Role.ADMINISTRATOR
    user.save(update_fields=["role", "team", "is_superuser", "is_staff"])
    record(actor=user, action="user.created", target=user.email, details={"role": user.role})
    return user


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, actor: User) -> None:
    """Make an invitation's link useless."""
    record(actor=actor, action="user.uninvited", target=invitation.email)
    invitation.delete()


@transaction.atomic
def save_team(*, team: Team, actor: User) -> Team:
    """Add a team or keep its changes."""
    team.save()
    details: dict[str, object] = {
        "shares_history": team.shares_history,
        "retention_days": team.retention_days,
    }
    record(actor=actor, action="team.saved", target=team.name, details=details)
    return team
