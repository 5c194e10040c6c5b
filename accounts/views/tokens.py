"""Pages of a person's tokens: the list, a new one shown once, and the end of one."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django_htmx.middleware import HtmxDetails

from accounts import services
from accounts.models import User
from accounts.selectors import tokens_of
from accounts.token_forms import TokenForm


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def tokens(request: HttpRequest) -> HttpResponse:
    """Show the tokens and take the wish for a new one, which the answer shows, this once."""
    owner = cast(User, request.user)
    form = TokenForm(owner, request.POST or None)
    new = None
    if request.method == "POST" and form.is_valid():
        _row, new = services.create_token(
            owner=owner,
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            expires_at=form.expires_at,
        )
        form = TokenForm(owner)
    context = {"tokens": tokens_of(owner), "form": form, "new": new}
    return render(
        request,
        "accounts/settings/tokens.html",
        context,
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def revoke(request: HttpRequest, token_id: int) -> HttpResponseBase:
    """Ask, then end a token."""
    owner = cast(User, request.user)
    token = tokens_of(owner).filter(pk=token_id).first()
    if token is None:
        raise Http404
    if request.method == "POST":
        services.revoke_token(token=token, actor=owner)
        messages.success(request, _("“%(name)s” is revoked.") % {"name": token.name})
        return redirect("tokens")
    htmx = cast(HtmxDetails, request.htmx)  # type: ignore[attr-defined]  # set by middleware
    template = "accounts/settings/_revoke.html" if htmx else "accounts/settings/revoke.html"
    return render(request, template, {"token": token})
