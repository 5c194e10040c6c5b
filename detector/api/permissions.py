"""Who may do what: a session what its person's role allows, a token what its scopes say too."""

from typing import TYPE_CHECKING, cast

from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import ApiToken, Scope, User
from detector.api.problems import ProblemError

if TYPE_CHECKING:  # the framework loads this module while its views are being loaded
    from rest_framework.views import APIView


class HasScope(BasePermission):
    """Asks for one of the scopes that the view names for the method in `scopes`.

    A method that a view does not name is closed.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Return False for nobody; raise `ProblemError` where somebody may not."""
        if request.user is None:
            return False
        token = cast(ApiToken | None, request.auth)
        if token is None and caller(request).must_change_password:
            raise ProblemError("one_time_password")
        method = "GET" if request.method == "HEAD" else str(request.method)
        needed = getattr(view, "scopes", {}).get(method)
        if needed is None:
            raise MethodNotAllowed(method)
        if not any(caller(request).may(scope) for scope in needed):
            raise ProblemError(
                "role_missing", needed=" or ".join(needed), role=caller(request).role
            )
        if token is not None and not any(token.allows(scope) for scope in needed):
            raise ProblemError(
                "scope_missing", needed=" or ".join(needed), found=", ".join(token.scopes) or "none"
            )
        return True


class IsOwnAccount(BasePermission):
    """For what people do with their own account: their tokens, their webhooks.

    Any session may; a token must carry `admin`, which stands for everything its owner may.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Return False for nobody; raise `ProblemError` where somebody may not."""
        if request.user is None:
            return False
        token = cast(ApiToken | None, request.auth)
        if token is None and caller(request).must_change_password:
            raise ProblemError("one_time_password")
        if token is not None and Scope.ADMIN not in token.scopes:
            found = ", ".join(token.scopes) or "none"
            raise ProblemError("scope_missing", needed=Scope.ADMIN.value, found=found)
        return True


def caller(request: Request) -> User:
    """Return who asks, in a view that lets nobody else in."""
    assert isinstance(request.user, User)
    return request.user
