"""How django-allauth's pages for accounts meet our people, invitations and audit trail."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.translation import gettext_lazy as _

from accounts import services
from accounts.models import Invitation, User
from accounts.selectors import find_invitation, signup_policy

SESSION_KEY = "invitation"
"""Where a session keeps the secret of the invitation by which it came."""


def invitation_in(request: HttpRequest) -> Invitation | None:
    """Return the invitation by which this visitor came, if it still holds."""
    if signup_policy() == "closed":
        return None
    secret = request.session.get(SESSION_KEY)
    return find_invitation(secret) if secret else None


class AccountAdapter(DefaultAccountAdapter):
    """Who may sign up, and what is written down."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _(
            "This address and password do not fit together. Mind upper case."
        ),
        "too_many_login_attempts": _(
            "Too many tries to log in. Wait a quarter of an hour, then try again."
        ),
        "other_address": _("The invitation is for %s: sign up with that address."),
        "same_password": _("This is the password you have now. Choose another one."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether this visitor may make an account."""
        return signup_policy() == "open" or invitation_in(request) is not None

    def clean_email(self, email: str) -> str:
        """Return the address in lower case; an invitation holds for its own address only."""
        email = super().clean_email(email).lower()
        invitation = invitation_in(self.request)
        if signup_policy() != "open" and invitation and invitation.email != email:
            raise self.validation_error("other_address", invitation.email)
        return email

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Save a person who signed up."""
        user = super().save_user(request, user, form, commit)
        invitation = invitation_in(request)
        if invitation and invitation.email == user.email:
            services.accept_invitation(invitation=invitation, user=user)
            del request.session[SESSION_KEY]
        else:
            services.record(actor=user, action="user.created", target=user.email)
        return user

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Lead to the first page: who has just replaced a one-time password wants to begin."""
        return resolve_url(settings.LOGIN_REDIRECT_URL)

    def set_password(self, user: User, password: str) -> None:
        """Keep a new password."""
        services.change_password(user=user, password=password)
