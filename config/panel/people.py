"""People, tokens and the audit trail in the panel."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiToken, AuditEvent, Erasure, Invitation, Team, User
from config.panel.base import ReadOnlyAdmin


class UserAdmin(ReadOnlyAdmin):
    """People. Roles are given on the site's own page, which minds the last administrator."""

    list_display = (
        "email",
        "name",
        "role",
        "team",
        "is_active",
        "last_login",
    )
    list_filter = ("role", "is_active", "team")
    search_fields = ("email", "name")
    list_select_related = ("team",)
    fields = ("email", "name", "role", "team", "is_active", "date_joined", "last_login", "manage")

    @admin.display(description=_("role, team and access"))
    def manage(self, person: User) -> str:
        """Lead to the page on which a person is looked after."""
        return format_html(
            '<a href="{}">{}</a>', reverse("people"), gettext("change on the People page")
        )


class ApiTokenAdmin(ReadOnlyAdmin):
    """Tokens: whose they are, what they may, when they were used. No secret is kept to be shown."""

    list_display = ("name", "owner", "prefix", "scopes", "created_at", "last_used_at", "expires_at")
    list_filter = ("created_at",)
    search_fields = ("name", "prefix", "owner__email")
    list_select_related = ("owner",)
    exclude = ("digest",)


class AuditEventAdmin(ReadOnlyAdmin):
    """Who did what to which object, when. Nobody can change or delete a row."""

    list_display = ("at", "actor", "action", "target")
    list_filter = ("action", "at")
    search_fields = ("action", "target", "actor__email")
    list_select_related = ("actor",)
    date_hierarchy = "at"


class ErasureAdmin(ReadOnlyAdmin):
    """What has gone from storage, and since when."""

    list_display = ("at", "kind", "target", "sha256", "size")
    list_filter = ("kind", "at")
    search_fields = ("target", "sha256")


class TeamAdmin(ReadOnlyAdmin):
    """Teams and invitations, as they are."""

    exclude = ("digest",)


def register() -> None:
    """Show these, and not what other packages would let be edited past our services."""
    for model in (Group, EmailAddress, Authenticator, UserSession):
        if admin.site.is_registered(model):
            admin.site.unregister(model)
    admin.site.register(User, UserAdmin)
    admin.site.register(ApiToken, ApiTokenAdmin)
    admin.site.register(AuditEvent, AuditEventAdmin)
    admin.site.register(Erasure, ErasureAdmin)
    admin.site.register([Team, Invitation], TeamAdmin)
