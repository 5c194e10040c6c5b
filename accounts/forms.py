"""Forms of people: to change a password, a profile, somebody's role, a team; to invite."""

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Invitation, Notice, Team, User


class ChangePasswordForm(allauth_forms.ChangePasswordForm):
    """The old password, and a new one that differs from it."""

    def clean_password1(self) -> str:
        """Refuse the password that is to be replaced."""
        new: str = self.cleaned_data["password1"]
        if self.user.check_password(new):
            raise get_adapter().validation_error("same_password")
        return new


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """What a person says of themselves, and what they want to hear of."""

    notices = forms.MultipleChoiceField(
        label=_("Send me an e-mail when"),
        choices=Notice.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = User
        fields = ["name", "notices"]


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Somebody's role and team, as an administrator sets them."""

    class Meta:
        model = User
        fields = ["role", "team", "is_active"]


class InvitationForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Whom to invite, and as what."""

    class Meta:
        model = Invitation
        fields = ["email", "role", "team"]

    def clean_email(self) -> str:
        """Refuse an address that has an account."""
        email: Any = self.cleaned_data["email"].strip().lower()
        if User.objects.filter(email=email).exists():
            raise forms.ValidationError(_("This person has an account."), code="exists")
        return str(email)


class TeamForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A team's name, whether its members see each other's clips, and how long clips are kept."""

    class Meta:
        model = Team
        fields = ["name", "shares_history", "retention_days"]
