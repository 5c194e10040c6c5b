"""Pages about oneself: the profile, an invitation that was followed, a lost password."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.adapter import SESSION_KEY, invitation_in
from accounts.decorators import PersonRequest, person_required
from accounts.forms import ProfileForm


@person_required
def profile(request: PersonRequest) -> HttpResponse:
    """Show and change one's name and the news that one gets."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your profile is saved."))
        return redirect("profile")
    context = {"form": form, "sends_mail": settings.SENDS_MAIL}
    return render(request, "accounts/settings/profile.html", context)


def follow_invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Lead an invited visitor to the sign-up page."""
    request.session[SESSION_KEY] = secret
    if invitation_in(request) is None:
        del request.session[SESSION_KEY]
        return render(request, "account/signup_closed.html", {"was_invited": True}, status=410)
    return redirect("account_signup")


def no_mail(request: HttpRequest) -> HttpResponse:
    """Say how a lost password is replaced where the server sends no e-mail."""
    return render(request, "accounts/no_mail.html")
