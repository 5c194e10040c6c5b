"""People and what they may do."""

import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    """A kind of thing to do: people may by their role, tokens by what they were made for."""

    PREDICT = "predict", _("send clips and read their verdicts")
    READ = "read", _("read the history")
    LABEL = "label", _("add labelled clips")
    TRAIN = "train", _("start training and move aliases")
    ADMIN = "admin", _("everything its owner may")


class Role(models.TextChoices):
    """What a person is there for; each may all that the one before may."""

    ANALYST = "analyst", _("analyst: judges clips")
    CURATOR = "curator", _("curator: also labels clips for training")
    OWNER = "owner", _("model owner: also trains and promotes models")
    ADMINISTRATOR = "administrator", _("administrator: everything")


_SCOPES = {
    Role.ANALYST: {Scope.PREDICT, Scope.READ},
    Role.CURATOR: {Scope.PREDICT, Scope.READ, Scope.LABEL},
    Role.OWNER: {Scope.PREDICT, Scope.READ, Scope.LABEL, Scope.TRAIN},
    Role.ADMINISTRATOR: set(Scope),
}


class Team(models.Model):
    """People who work together."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    shares_history = models.BooleanField(_("members see each other's clips"), default=False)
    retention_days = models.PositiveSmallIntegerField(
        _("delete clips after this many days"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Empty: as the whole site."),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Notice(models.TextChoices):
    """News that a person may want by e-mail."""

    BATCH_DONE = "batch.done", _("All clips of a batch of mine are judged")
    RUN_ENDED = "run.ended", _("A training run has ended")
    WARNING = "warning", _("The monitor warns: the clips have changed, or a webhook fails")


class UserManager(BaseUserManager["User"]):
    """Makes people; an e-mail address is kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Save a person; without a password they cannot log in."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Save an administrator (for Django's own `createsuperuser`)."""
        office = {"role": Role.ADMINISTRATOR, "is_staff": True, "is_superuser": True}
        return self.create_user(email, password, **office, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find a person by address whatever its case."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person; the e-mail address is the log-in name."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    role = models.CharField(_("role"), max_length=15, choices=Role, default=Role.ANALYST)
    team = models.ForeignKey(
        Team,
        verbose_name=_("team"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="members",
    )
    notices = models.JSONField(_("e-mail notices"), default=list, blank=True)
    """Each `Notice` that is sent to the person by e-mail."""
    is_staff = models.BooleanField(_("may use the admin panel"), default=False)
    is_active = models.BooleanField(_("may log in"), default=True)
    must_change_password = models.BooleanField(
        _("must change the password"),
        default=False,
        help_text=_("Set for a one-time password: the next log-in asks for a new one."),
    )
    date_joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["email"]

    def __str__(self) -> str:
        return self.email

    def may(self, scope: str) -> bool:
        """Whether the person's role lets them do this kind of thing."""
        return self.is_active and (self.is_superuser or scope in _SCOPES[Role(self.role)])


class Invitation(models.Model):
    """A link by which one person may sign up. Only a keyed hash of its secret is kept."""

    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=15, choices=Role, default=Role.ANALYST)
    team = models.ForeignKey(
        Team, verbose_name=_("team"), null=True, blank=True, on_delete=models.SET_NULL
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("invited by"),
        on_delete=models.CASCADE,
        related_name="+",
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("ends"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.email


class ApiToken(models.Model):
    """A key for programs. Only a keyed hash of its secret is kept.

    The whole token reads ``vt_<prefix>_<secret>``; the prefix finds the row and may be shown.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        on_delete=models.CASCADE,
        related_name="tokens",
    )
    name = models.CharField(_("name"), max_length=100)
    prefix = models.CharField(_("prefix"), max_length=12, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    scopes = models.JSONField(_("scopes"), default=list)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("ends"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} (vt_{self.prefix}_…)"

    def clean(self) -> None:
        """Refuse scopes that there are not, and a token that could never be used."""
        if not self.scopes or set(self.scopes) - set(Scope.values):
            raise ValidationError({"scopes": "Choose at least one scope, of those that there are."})
        if self.expires_at and self.expires_at <= timezone.now():
            raise ValidationError({"expires_at": "This lies in the past."})

    def is_valid(self, now: datetime) -> bool:
        """Whether it is neither revoked nor expired, and its owner may still log in."""
        return (
            self.revoked_at is None
            and (self.expires_at is None or self.expires_at > now)
            and self.owner.is_active
        )

    def allows(self, scope: str) -> bool:
        """Whether the token carries the scope and its owner may still do such things."""
        return (scope in self.scopes or Scope.ADMIN in self.scopes) and self.owner.may(scope)


class AuditEvent(models.Model):
    """Who did what to which object, when. Rows are only ever added: PostgreSQL sees to it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(_("when"), default=timezone.now, editable=False, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("actor"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    action = models.CharField(_("action"), max_length=50)
    target = models.CharField(_("target"), max_length=200, blank=True)
    details = models.JSONField(_("details"), default=dict)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.target}"


class Erasure(models.Model):
    """That the bytes of a file are gone from storage, and since when: a proof without content.

    Why they went, the audit trail says under the same target. Rows are only ever added.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(_("when"), default=timezone.now, editable=False, db_index=True)
    kind = models.CharField(_("kind"), max_length=20)
    """What the file belonged to: `clip` or `sample`."""
    target = models.CharField(_("target"), max_length=200, db_index=True)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    size = models.PositiveBigIntegerField(_("size in bytes"))

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.kind} {self.target}"
