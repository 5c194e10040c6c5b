"""Pages of a person's webhooks: endpoints, their log, and what can be done with them."""

import json
from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.decorators import PersonRequest, person_required
from webhooks import selectors, services
from webhooks.forms import EndpointForm
from webhooks.models import Delivery, DeliveryStatus, DisabledBecause, Endpoint

PAGE_SIZE = 25


@require_http_methods(["GET", "POST"])
@person_required
def endpoints(request: PersonRequest) -> HttpResponse:
    """Show the endpoints and take a new one, whose secret the answer shows, this once."""
    form = EndpointForm(request.POST or None)
    context = {}
    if request.method == "POST" and form.is_valid():
        try:
            new, secret = services.create_endpoint(owner=request.user, **form.cleaned_data)
            context = {"new": new, "secret": secret}
            form = EndpointForm()
        except ValidationError as error:
            form.refuse(error)
        except services.TooManyEndpointsError:
            form.add_error(None, _("You have as many endpoints as one person may have."))
    return render(
        request,
        "webhooks/endpoints.html",
        {**context, "endpoints": selectors.endpoints_of(request.user), "form": form},
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "POST"])
@person_required
def endpoint(request: PersonRequest, endpoint_id: UUID) -> HttpResponseBase:
    """Show an endpoint with its log, and take changes to it."""
    row = _endpoint(request, endpoint_id)
    before = {"url": row.url, "description": row.description, "events": row.events}
    form = EndpointForm(request.POST or None, initial=before)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_endpoint(endpoint=row, actor=request.user, **form.cleaned_data)
            messages.success(request, _("The changes are saved."))
            return redirect("webhook", row.pk)
        except ValidationError as error:
            form.refuse(error)
            row.refresh_from_db()
    return _page(request, row, form)


def _page(
    request: PersonRequest, row: Endpoint, form: EndpointForm, secret: str = ""
) -> HttpResponse:
    log = Paginator(selectors.deliveries_of(row), PAGE_SIZE).get_page(request.GET.get("page"))
    soon = timezone.now() + timedelta(seconds=10)
    waits = any(
        delivery.status == DeliveryStatus.WAITING and delivery.next_at < soon for delivery in log
    )
    context = {"endpoint": row, "form": form, "page": log, "secret": secret, "waits": waits}
    status = 422 if form.errors else 200
    return render(request, "webhooks/endpoint.html", context, status=status)


@require_POST
@person_required
def send_test(request: PersonRequest, endpoint_id: UUID) -> HttpResponseBase:
    """Send a test; the log shows what becomes of it."""
    row = _endpoint(request, endpoint_id)
    if row.disabled_at:
        messages.error(request, _("Switch the endpoint on first."))
    else:
        services.send_test(endpoint=row)
        messages.success(request, _("A test is on its way: the log below shows what came back."))
    return redirect("webhook", row.pk)


@require_POST
@person_required
def switch(request: PersonRequest, endpoint_id: UUID) -> HttpResponseBase:
    """Switch an endpoint off, or on again."""
    row = _endpoint(request, endpoint_id)
    if row.disabled_at:
        services.enable(endpoint=row, actor=request.user)
    else:
        services.disable(endpoint=row, because=DisabledBecause.OWNER, actor=request.user)
    return redirect("webhook", row.pk)


@require_http_methods(["GET", "POST"])
@person_required
def rotate(request: PersonRequest, endpoint_id: UUID) -> HttpResponseBase:
    """Ask, then replace the signing secret and show the new one, this once."""
    row = _endpoint(request, endpoint_id)
    if request.method == "POST":
        secret = services.rotate_secret(endpoint=row, actor=request.user)
        before = {"url": row.url, "description": row.description, "events": row.events}
        return _page(request, row, EndpointForm(initial=before), secret)
    return _ask(request, "rotate", row)


@require_http_methods(["GET", "POST"])
@person_required
def delete(request: PersonRequest, endpoint_id: UUID) -> HttpResponseBase:
    """Ask, then delete an endpoint with its log."""
    row = _endpoint(request, endpoint_id)
    if request.method == "POST":
        services.delete_endpoint(endpoint=row, actor=request.user)
        messages.success(request, _("The endpoint is deleted."))
        return redirect("webhooks")
    return _ask(request, "delete", row)


@require_GET
@person_required
def delivery(request: PersonRequest, delivery_id: UUID) -> HttpResponse:
    """Show one delivery: what was sent, and what came back each time."""
    row = _delivery(request, delivery_id)
    data = json.dumps(row.data, indent=2, ensure_ascii=False)
    context = {"delivery": row, "data": data, "attempts": row.log.all()}
    return render(request, "webhooks/delivery.html", context)


@require_POST
@person_required
def resend(request: PersonRequest, delivery_id: UUID) -> HttpResponseBase:
    """Deliver once more."""
    row = _delivery(request, delivery_id)
    if row.endpoint.disabled_at:
        messages.error(request, _("Switch the endpoint on first."))
    else:
        services.resend(delivery=row)
        messages.success(request, _("It is sent again."))
    return redirect("webhook", row.endpoint_id)


def _ask(request: PersonRequest, question: str, row: Endpoint) -> HttpResponse:
    inner = f"webhooks/_{question}.html"
    if request.htmx:
        return render(request, inner, {"endpoint": row})
    return render(request, "webhooks/ask.html", {"endpoint": row, "inner": inner})


def _endpoint(request: PersonRequest, endpoint_id: UUID) -> Endpoint:
    row = selectors.endpoint_of(request.user, endpoint_id)
    if row is None:
        raise Http404
    return row


def _delivery(request: PersonRequest, delivery_id: UUID) -> Delivery:
    row = selectors.delivery_of(request.user, delivery_id)
    if row is None:
        raise Http404
    return row
