"""Webhooks over the API: what the pages do, for programs."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from detector.api.paging import HistoryPage
from detector.api.permissions import IsOwnAccount, caller
from detector.api.problems import ProblemError
from detector.api.schema import answer, problems
from detector.api.views.tokens import ACCOUNT_PROBLEMS, BODY_PROBLEMS
from webhooks import selectors, services
from webhooks.api import examples
from webhooks.api.serializers import (
    DeliveryBody,
    EndpointBody,
    EndpointList,
    EndpointRequest,
    NewEndpointBody,
)
from webhooks.models import Delivery, DisabledBecause, Endpoint

NO_STORE = {"Cache-Control": "no-store"}
OBJECT_PROBLEMS = problems(*ACCOUNT_PROBLEMS, "not_found")


class WebhookView(APIView):
    """What all of them share: they are about the caller's own."""

    permission_classes = [IsOwnAccount]
    parser_classes = [JSONParser]

    def endpoint(self, endpoint_id: UUID) -> Endpoint:
        """Return an endpoint of the caller's."""
        row = selectors.endpoint_of(caller(self.request), endpoint_id)
        if row is None:
            raise NotFound
        return row


class EndpointsView(WebhookView):
    """All of them."""

    @extend_schema(
        operation_id="webhooks",
        summary="Your webhook endpoints",
        responses={
            200: answer(EndpointList, "The oldest first.", examples.ENDPOINTS),
            **problems(*ACCOUNT_PROBLEMS),
        },
    )
    def get(self, request: Request) -> Response:
        """Return your endpoints, without their secrets."""
        rows = selectors.endpoints_of(caller(request))
        return Response({"results": EndpointBody(rows, many=True).data})

    @extend_schema(
        operation_id="create_webhook",
        summary="Add a webhook endpoint",
        request=EndpointRequest,
        responses={
            201: answer(NewEndpointBody, "The endpoint with its secret.", examples.NEW),
            **problems(*ACCOUNT_PROBLEMS, *BODY_PROBLEMS, "too_many_webhooks"),
        },
    )
    def post(self, request: Request) -> Response:
        """Add an endpoint. The answer holds its signing secret, which is not shown again."""
        wish = EndpointRequest(data=request.data)
        wish.is_valid(raise_exception=True)
        try:
            row, secret = services.create_endpoint(owner=caller(request), **wish.validated_data)
        except services.TooManyEndpointsError as error:
            raise ProblemError("too_many_webhooks", limit=services.ENDPOINTS_PER_PERSON) from error
        body = {**EndpointBody(row).data, "secret": secret}
        return Response(body, status=201, headers=NO_STORE)


class EndpointView(WebhookView):
    """One of them."""

    @extend_schema(
        operation_id="webhook",
        summary="One webhook endpoint",
        responses={
            200: answer(EndpointBody, "As it stands.", examples.ENDPOINT),
            **OBJECT_PROBLEMS,
        },
    )
    def get(self, request: Request, endpoint_id: UUID) -> Response:
        """Return an endpoint and whether it is told."""
        return Response(EndpointBody(self.endpoint(endpoint_id)).data)

    @extend_schema(
        operation_id="change_webhook",
        summary="Change a webhook endpoint",
        request=EndpointRequest(partial=True),
        responses={
            200: answer(EndpointBody, "As it is now.", examples.ENDPOINT),
            **problems(*ACCOUNT_PROBLEMS, *BODY_PROBLEMS, "not_found"),
        },
    )
    def patch(self, request: Request, endpoint_id: UUID) -> Response:
        """Change the address, the events or the description; what is not named stays."""
        row = self.endpoint(endpoint_id)
        wish = EndpointRequest(data=request.data, partial=True)
        wish.is_valid(raise_exception=True)
        services.change_endpoint(endpoint=row, actor=caller(request), **wish.validated_data)
        return Response(EndpointBody(row).data)

    @extend_schema(
        operation_id="delete_webhook",
        summary="Delete a webhook endpoint",
        responses={204: answer(None, "Nothing is sent to it any more."), **OBJECT_PROBLEMS},
    )
    def delete(self, request: Request, endpoint_id: UUID) -> Response:
        """Delete an endpoint with its log."""
        services.delete_endpoint(endpoint=self.endpoint(endpoint_id), actor=caller(request))
        return Response(status=204)


class EnableView(WebhookView):
    """Switch on."""

    @extend_schema(
        operation_id="enable_webhook",
        summary="Switch a webhook endpoint on",
        request=None,
        responses={200: answer(EndpointBody, "It is on.", examples.ENDPOINT), **OBJECT_PROBLEMS},
    )
    def post(self, request: Request, endpoint_id: UUID) -> Response:
        """Send to it again from now on; what failed meanwhile can be sent again one by one."""
        row = self.endpoint(endpoint_id)
        services.enable(endpoint=row, actor=caller(request))
        return Response(EndpointBody(row).data)


class DisableView(WebhookView):
    """Switch off."""

    @extend_schema(
        operation_id="disable_webhook",
        summary="Switch a webhook endpoint off",
        request=None,
        responses={200: answer(EndpointBody, "It is off.", examples.ENDPOINT), **OBJECT_PROBLEMS},
    )
    def post(self, request: Request, endpoint_id: UUID) -> Response:
        """Send nothing to it from now on; what waits has failed."""
        row = self.endpoint(endpoint_id)
        services.disable(endpoint=row, because=DisabledBecause.OWNER, actor=caller(request))
        return Response(EndpointBody(row).data)


class RotateView(WebhookView):
    """The secret."""

    @extend_schema(
        operation_id="rotate_webhook_secret",
        summary="Replace the signing secret",
        request=None,
        responses={
            200: answer(NewEndpointBody, "The endpoint with its new secret.", examples.NEW),
            **OBJECT_PROBLEMS,
        },
    )
    def post(self, request: Request, endpoint_id: UUID) -> Response:
        """Make a new secret. For 24 hours messages carry the signatures of both."""
        row = self.endpoint(endpoint_id)
        secret = services.rotate_secret(endpoint=row, actor=caller(request))
        return Response({**EndpointBody(row).data, "secret": secret}, headers=NO_STORE)


class SendTestView(WebhookView):
    """The test button."""

    @extend_schema(
        operation_id="test_webhook",
        summary="Send a test",
        request=None,
        responses={
            202: answer(DeliveryBody, "It is on its way.", examples.DELIVERY),
            **problems(*ACCOUNT_PROBLEMS, "not_found", "webhook_disabled"),
        },
    )
    def post(self, request: Request, endpoint_id: UUID) -> Response:
        """Send a `webhook.test` once, at once; the log says what came back."""
        row = self.endpoint(endpoint_id)
        if row.disabled_at:
            raise ProblemError("webhook_disabled")
        return Response(DeliveryBody(services.send_test(endpoint=row)).data, status=202)


class DeliveriesView(WebhookView, ListAPIView[Delivery]):
    """The log."""

    queryset = Delivery.objects.none()
    serializer_class: type[BaseSerializer[Delivery]] = DeliveryBody
    pagination_class = HistoryPage
    filter_backends: list[Any] = []

    @extend_schema(
        operation_id="webhook_deliveries",
        summary="The log of a webhook endpoint",
        responses={
            200: OpenApiResponse(DeliveryBody(many=True), "Newest first.", [examples.LOG]),
            **problems(*ACCOUNT_PROBLEMS, "invalid_request", "not_found"),
        },
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return what was sent in the last 30 days, with every attempt; follow `next`."""
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> Any:
        """Return what was sent to the endpoint."""
        return selectors.deliveries_of(self.endpoint(self.kwargs["endpoint_id"]))


class ResendView(WebhookView):
    """Once more."""

    @extend_schema(
        operation_id="resend_webhook",
        summary="Deliver once more",
        request=None,
        responses={
            202: answer(DeliveryBody, "It is on its way.", examples.DELIVERY),
            **problems(*ACCOUNT_PROBLEMS, "not_found", "webhook_disabled"),
        },
    )
    def post(self, request: Request, delivery_id: UUID) -> Response:
        """Send a delivery again under the same id, whether or not it had arrived."""
        row = selectors.delivery_of(caller(request), delivery_id)
        if row is None:
            raise NotFound
        if row.endpoint.disabled_at:
            raise ProblemError("webhook_disabled")
        services.resend(delivery=row)
        return Response(DeliveryBody(row).data, status=202)
