"""Pages to log in and to change a password."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import AuthenticationForm
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _

from accounts import services, throttle
from accounts.forms import LoginForm, PasswordChangeForm


class LoginView(auth_views.LoginView):
    """Ask for e-mail address and password, not too often."""

    form_class = LoginForm
    template_name = "accounts/login.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Check the password unless too many were tried."""
        if throttle.may_try(*self._who()):
            return super().post(request, *args, **kwargs)
        text = _("Too many tries to log in. Wait a quarter of an hour, then try again.")
        response = render(request, "429.html", {"text": text}, status=429)
        response["Retry-After"] = str(throttle.WINDOW_SECONDS)
        return response

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Log in."""
        throttle.forget(*self._who())
        return super().form_valid(form)

    def _who(self) -> tuple[str, str]:
        return self.request.POST.get("username", ""), self.request.META["REMOTE_ADDR"]


class PasswordChangeView(auth_views.PasswordChangeView):
    """Replace the password; after a one-time password this is the only page there is."""

    form_class = PasswordChangeForm
    template_name = "accounts/password_change.html"
    success_url = reverse_lazy("home")

    def form_valid(self, form: Form) -> HttpResponse:
        """Keep the new password; other sessions of the person end."""
        user = services.change_password(
            user=self.request.user,  # type: ignore[arg-type]
            password=form.cleaned_data["new_password1"],
        )
        update_session_auth_hash(self.request, user)
        messages.success(self.request, _("Your new password is set."))
        return HttpResponseRedirect(self.get_success_url())
