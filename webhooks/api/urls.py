"""Routes under /api/v1/webhooks; `detector.api.urls` includes them."""

from django.urls import path

from webhooks.api import views

urlpatterns = [
    path("webhooks", views.EndpointsView.as_view(), name="webhooks"),
    path("webhooks/<uuid:endpoint_id>", views.EndpointView.as_view(), name="webhook"),
    path("webhooks/<uuid:endpoint_id>/enable", views.EnableView.as_view(), name="webhook-enable"),
    path(
        "webhooks/<uuid:endpoint_id>/disable", views.DisableView.as_view(), name="webhook-disable"
    ),
    path(
        "webhooks/<uuid:endpoint_id>/rotate-secret",
        views.RotateView.as_view(),
        name="webhook-rotate",
    ),
    path("webhooks/<uuid:endpoint_id>/test", views.SendTestView.as_view(), name="webhook-test"),
    path(
        "webhooks/<uuid:endpoint_id>/deliveries",
        views.DeliveriesView.as_view(),
        name="webhook-deliveries",
    ),
    path(
        "webhooks/deliveries/<uuid:delivery_id>/resend",
        views.ResendView.as_view(),
        name="webhook-resend",
    ),
]
