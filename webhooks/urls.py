"""Routes of the pages, below the person's account."""

from django.urls import path

from webhooks import views

urlpatterns = [
    path("", views.endpoints, name="webhooks"),
    path("<uuid:endpoint_id>/", views.endpoint, name="webhook"),
    path("<uuid:endpoint_id>/test/", views.send_test, name="webhook-test"),
    path("<uuid:endpoint_id>/switch/", views.switch, name="webhook-switch"),
    path("<uuid:endpoint_id>/secret/", views.rotate, name="webhook-rotate"),
    path("<uuid:endpoint_id>/delete/", views.delete, name="webhook-delete"),
    path("deliveries/<uuid:delivery_id>/", views.delivery, name="webhook-delivery"),
    path("deliveries/<uuid:delivery_id>/resend/", views.resend, name="webhook-resend"),
]
