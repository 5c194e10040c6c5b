"""The panel as a site: who may enter, its security policy, its own pages."""

from collections.abc import Callable
from typing import Any

from csp.constants import NONCE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.views.decorators.gzip import gzip_page
from unfold.sites import UnfoldAdminSite

from accounts.models import Scope, User

POLICY = {
    # Alpine, in which unfold's templates are written, compiles expressions out of attributes.
    "script-src": [SELF, NONCE, UNSAFE_EVAL],
    # Unfold writes its colours into a style element, Alpine shows and hides by style attributes.
    "style-src": [SELF, UNSAFE_INLINE],
}
"""What differs from the site's policy, below /admin/ alone: see docs/training-centre.md."""


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
        """Give every page of the panel the policy that its theme needs."""
        guarded: Callable[..., HttpResponseBase] = csp_replace(POLICY)(
            gzip_page(super().admin_view(view, cacheable))
        )
        return guarded

    def extra_urls(self) -> list[URLPattern]:
        """Return the panel's own pages."""
        from config.panel.retrain import retrain

        return [path("retrain/", self.admin_view(retrain), name="retrain")]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show how things stand, and what needs somebody."""
        from config.panel.dashboard import dashboard

        return super().index(request, {**(extra_context or {}), **dashboard()})
