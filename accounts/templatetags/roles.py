"""What a template asks of the person who looks at it."""

from django import template
from django.contrib.auth.models import AnonymousUser

from accounts.models import User

register = template.Library()


@register.filter
def may(person: User | AnonymousUser, scope: str) -> bool:
    """Tell whether the person's role allows a scope; nobody may anything."""
    return isinstance(person, User) and person.may(scope)
