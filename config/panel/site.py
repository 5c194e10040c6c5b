"""The panel as a site: who may enter, its own pages."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.views.decorators.gzip import gzip_page
from unfold.sites import UnfoldAdminSite

from accounts.models import Scope, User


class Panel(UnfoldAdminSite):  # type: ignore[misc]  # unfold has no types
    """Administrators only; logging in is the site's own, with its limits and second factor."""

    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the person is an administrator."""
        user: User | AnonymousUser = request.user
        return isinstance(user, User) and user.may(Scope.ADMIN)

    def admin_view(
        self, view: Callable[..., HttpResponseBase], cacheable: bool = False
    ) -> Callable[..., HttpResponseBase]:
        """Send every page of the panel compressed."""
        compressed: Callable[..., HttpResponseBase] = gzip_page(super().admin_view(view, cacheable))
        return compressed

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Leave out the colours: unfold would write them into the page, and panel.css has them."""
        return {**super().each_context(request), "colors": {}}

    def extra_urls(self) -> list[URLPattern]:
        """Return the panel's own pages."""
        from config.panel.retrain import retrain

        return [path("retrain/", self.admin_view(retrain), name="retrain")]

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to the site's own page, which minds one-time passwords."""
        return redirect("account_change_password")

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show how things stand, and what needs somebody."""
        from config.panel.dashboard import dashboard

        return super().index(request, {**(extra_context or {}), **dashboard()})
