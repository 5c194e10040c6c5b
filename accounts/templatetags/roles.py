"""What a template asks of the person who looks at it."""

from django import template
from django.contrib.auth.models import AnonymousUser

from accounts.models import Role, User
from accounts.selectors import signup_policy

register = template.Library()


@register.filter
def may(person: User | AnonymousUser, scope: str) -> bool:
    """Tell whether the person's role allows a scope; nobody may anything."""
    return isinstance(person, User) and person.may(scope)


@register.filter
def role_name(role: str) -> str:
    """Return what a role is called, without what it may."""
    return str(Role(role).label).partition(":")[0]


@register.simple_tag
def anybody_may_sign_up() -> bool:
    """Whether a visitor without an invitation may make an account."""
    return signup_policy() == "open"
