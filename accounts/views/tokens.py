"""Pages of a person's tokens: the list, a new one shown once, and the end of one."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import services
from accounts.decorators import PersonRequest, person_required
from accounts.selectors import tokens_of
from accounts.token_forms import TokenForm


@require_http_methods(["GET", "POST"])
@person_required
def tokens(request: PersonRequest) -> HttpResponse:
    """Show the tokens and take the wish for a new one, which the answer shows, this once."""
    owner = request.user
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
@person_required
def revoke(request: PersonRequest, token_id: int) -> HttpResponseBase:
    """Ask, then end a token."""
    owner = request.user
    token = tokens_of(owner).filter(pk=token_id).first()
    if token is None:
        raise Http404
    if request.method == "POST":
        services.revoke_token(token=token, actor=owner)
        messages.success(request, _("“%(name)s” is revoked.") % {"name": token.name})
        return redirect("tokens")
    template = "accounts/settings/_revoke.html" if request.htmx else "accounts/settings/revoke.html"
    return render(request, template, {"token": token})
