"""Every page of the website and of the admin panel, found by the URL configuration.

Whatever answers somebody with a whole page is one, so that a new page cannot be forgotten: either
one of the visitors opens it, or it stands in `NO_PAGE`, or `every_page` fails.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db.models import Model
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, reverse

from accounts.models import Role, User
from accounts.services import invite
from tests.factories import PASSWORD, UserFactory
from tests.routes import Route, page_routes, panel_routes

NO_PAGE = {
    # parts of pages, files, sound and pictures
    *("recent", "prediction-live", "training:run-live", "training:archive-live"),
    *("prediction-report", "clip-audio", "clip-spectrogram", "shared-audio", "shared-spectrogram"),
    *("training:sample-audio", "training:card-md", "training:card-json"),
    *("mfa_download_recovery_codes", "admin:jsi18n", "admin:autocomplete", "admin:search"),
    # ways that lead on
    *("training:index", "invitation", "admin:login", "admin:logout", "admin:view_on_site"),
    "admin:password_change",
    # what django-allauth has for log-in by a code and for accounts without a password
    *("account_confirm_login_code", "account_set_password"),
}
"""Routes that answer GET with no page of their own."""

WITH_LONG_VALUES = ("clip", "prediction", "sample", "modelversion")
"""Kinds of rows whose page in the admin panel is looked at; the others' are alike, but shorter."""

STATES = {
    "a clip that waits": ("prediction", "prediction_id", "waiting"),
    "a clip being judged": ("prediction", "prediction_id", "running"),
    "a clip that failed": ("prediction", "prediction_id", "failed"),
    "an archive at work": ("training:archive", "archive_id", "archive_running"),
    "a run that waits": ("training:run", "run_id", "run_waiting"),
    "a run at work": ("training:run", "run_id", "run_running"),
    "a run that failed": ("training:run", "run_id", "run_failed"),
}
"""Pages that look different with another row: the route, its parameter, which of the scene."""

FAULTS = ("400.html", "403_csrf.html", "413.html", "429.html", "500.html")
"""Error pages that no address leads to."""

FOR_GUESTS = ("account_confirm_email", "account_reset_password_from_key")
"""Links for one person, which log out whoever else opens them."""

NOTHING_YET = ("home", "history", "batches", "dashboard", "tokens", "webhooks")
"""Pages that a newcomer finds empty."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page as one visitor sees it."""

    name: str
    address: str
    visitor: Client
    html: str = ""
    """What to show there, where only a fault would bring it up."""


def every_page(
    administrator: User, scene: dict[str, Any], *, rows: Collection[str] = WITH_LONG_VALUES
) -> list[Page]:
    """Return every page as somebody who may see it; fail if one stays closed to all.

    `rows` are the kinds of rows whose own page in the panel is among them.
    """
    visitors = _visitors(administrator)
    panel = [route for route in panel_routes() if _is_looked_at(route, rows)]
    named = {route.name: route for route in [*page_routes(), *panel]}
    keys = scene | _account_keys(visitors["guest"])
    pages, unopened = _states(visitors, scene), set()
    for route in named.values():
        address = _address(route, keys)
        for who, client in visitors.items() if address else ():
            if route.name in FOR_GUESTS and who != "guest":
                continue
            answer = client.get(address)
            if answer.status_code in (403, 405):
                break  # it only takes what is sent to it, or may not be done at all
            if _is_page(answer):
                pages.append(Page(f"{route.name} ({who})", address, client))
                break
        else:
            unopened.add(route.name)
    assert unopened <= NO_PAGE, f"nobody opens {sorted(unopened - NO_PAGE)}: see NO_PAGE"
    return pages


def _is_looked_at(route: Route, rows: Collection[str]) -> bool:
    """Whether a page of the panel is neither closed to all nor like another one."""
    kind = re.fullmatch(r"admin:\w+_(\w+)_(add|change|delete|history)", route.name)
    return kind is None or (kind[1] in rows and kind[2] == "change")


def _visitors(administrator: User) -> dict[str, Client]:
    """Browsers of all kinds of people; who can open most comes first."""
    known, guest, invited, half_way, careful = (Client() for _ in range(5))
    _log_in(known, administrator)
    _, secret = invite(actor=administrator, email="invited@example.org", role="analyst", team=None)
    invited.get(reverse("invitation", args=[secret]))
    person = UserFactory(role=Role.ANALYST)
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    TOTP.activate(person, generate_totp_secret())
    codes = RecoveryCodes.activate(person).get_unused_codes()
    half_way.post("/account/login/", {"login": person.email, "password": PASSWORD})
    _log_in(careful, person, codes[0])
    return {
        "administrator": known,
        "guest": guest,
        "invited": invited,
        "half way in": half_way,
        "with a second factor": careful,
    }


def _log_in(client: Client, person: User, code: str = "") -> None:
    """Log somebody in who then shows once more that they know the password."""
    client.post("/account/login/", {"login": person.email, "password": PASSWORD})
    if code:
        client.post("/account/2fa/authenticate/", {"code": code})
    guarded = reverse("mfa_deactivate_totp" if code else "mfa_activate_totp")
    client.post(client.get(guarded)["Location"], {"password": PASSWORD})
    assert client.get(guarded).status_code == 200


def _account_keys(guest: Client) -> dict[str, Any]:
    """What stands in the links that are sent by e-mail."""
    forgetful, fresh = UserFactory(), UserFactory()
    address = EmailAddress.objects.create(user=fresh, email=fresh.email, primary=True)
    reset = {
        "uidb36": user_pk_to_url_str(forgetful),
        "key": default_token_generator.make_token(forgetful),
    }
    guest.get(reverse("account_reset_password_from_key", kwargs=reset))
    return {
        "uidb36": reset["uidb36"],
        "account_reset_password_from_key": "set-password",  # the key itself is in the session now
        "account_confirm_email": EmailConfirmationHMAC(address).key,
        "app_label": "detector",
    }


def _states(visitors: dict[str, Client], scene: dict[str, Any]) -> list[Page]:
    known, newcomer = visitors["administrator"], Client()
    newcomer.force_login(UserFactory(role=Role.ANALYST))
    first, second = scene["champion"], scene["version_id"]
    return [
        *(
            Page(name, reverse(route, kwargs={parameter: scene[row]}), known)
            for name, (route, parameter, row) in STATES.items()
        ),
        *(Page(f"{name} (newcomer)", reverse(name), newcomer) for name in NOTHING_YET),
        Page("two versions", f"{reverse('training:compare')}?first={first}&second={second}", known),
        Page("a filter that fits nothing", f"{reverse('history')}?name=nothing", known),
        Page("a second factor that is on", reverse("mfa_index"), visitors["with a second factor"]),
        Page("404", "/nowhere/", known),
        Page("404 (guest)", "/nowhere/", visitors["guest"]),
        Page("403", reverse("training:data"), newcomer),
        *(Page(name, f"/shown-for/{name}/", known, html=_shown(name)) for name in FAULTS),
    ]


def _shown(template: str) -> str:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    return render_to_string(template, request=None if template == "500.html" else request)


def _address(route: Route, keys: dict[str, Any]) -> str | None:
    """Return a route's address, or None where there is nothing that it could name."""
    keys = keys | {"key": keys.get(route.name), "object_id": _row_of(route)}
    try:
        return reverse(route.name, kwargs={name: keys[name] for name in route.parameters})
    except (KeyError, NoReverseMatch):
        return None


def _row_of(route: Route) -> Any:
    """Return the key of a row that a route of the admin panel may name."""
    found = re.fullmatch(r"admin:(\w+?)_(\w+)_change", route.name)
    if not found or "object_id" not in route.parameters:
        return None
    model: type[Model] = apps.get_model(found[1], found[2])
    return model._default_manager.values_list("pk", flat=True).first()


def _is_page(answer: HttpResponse) -> bool:
    return answer.status_code == 200 and not answer.streaming and b"<html" in answer.content
