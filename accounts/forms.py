"""Forms to log in and to change a password."""

from typing import Any

from django import forms
from django.contrib.auth import forms as auth_forms
from django.utils.translation import gettext_lazy as _


class LoginForm(auth_forms.AuthenticationForm):
    """E-mail address and password."""

    error_messages = {
        **auth_forms.AuthenticationForm.error_messages,
        "invalid_login": _("This address and password do not fit together. Mind upper case."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"] = forms.EmailField(
            label=_("E-mail address"),
            widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"}),
        )


class PasswordChangeForm(auth_forms.PasswordChangeForm):
    """The old password, and a new one that differs from it."""

    error_messages = {
        **auth_forms.PasswordChangeForm.error_messages,
        "same": _("This is the password you have now. Choose another one."),
    }

    def clean_new_password1(self) -> str:
        """Refuse the password that is to be replaced."""
        new: str = self.cleaned_data["new_password1"]
        if self.user.check_password(new):
            raise forms.ValidationError(self.error_messages["same"], code="same")
        return new
