"""What each role may; a token never more than its owner."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import RequestFactory

from accounts.decorators import scope_required
from accounts.models import Role, Scope
from accounts.services import create_token
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("role", "scopes"),
    [
        (Role.ANALYST, {"predict", "read"}),
        (Role.CURATOR, {"predict", "read", "label"}),
        (Role.OWNER, {"predict", "read", "label", "train"}),
        (Role.ADMINISTRATOR, {"predict", "read", "label", "train", "admin"}),
    ],
)
def test_each_role_may_what_the_one_before_may_and_more(role, scopes):
    person = UserFactory(role=role)
    assert {scope for scope in Scope if person.may(scope)} == scopes


def test_who_has_left_may_nothing():
    assert not UserFactory(role=Role.ADMINISTRATOR, is_active=False).may(Scope.READ)


def test_a_token_may_no_more_than_its_owner():
    person = UserFactory(role=Role.OWNER)
    token, _ = create_token(owner=person, name="all", scopes=[Scope.ADMIN])
    assert token.allows(Scope.TRAIN)
    assert not token.allows(Scope.ADMIN)
    person.role = Role.ANALYST
    assert not token.allows(Scope.TRAIN)


def test_a_page_for_curators_is_closed_to_analysts_and_asks_others_to_log_in(owner):
    page = scope_required(Scope.LABEL)(lambda request: HttpResponse("in"))
    request = RequestFactory().get("/")
    request.user = UserFactory(role=Role.CURATOR)
    assert page(request).content == b"in"
    request.user = UserFactory(role=Role.ANALYST)
    with pytest.raises(PermissionDenied):
        page(request)
