"""Routes under /api/v1/ for whoever watches the installation."""

from django.urls import path

from operations.views import PrometheusView

app_name = "operations"

urlpatterns = [
    path("metrics/prometheus", PrometheusView.as_view(), name="metrics-prometheus"),
]
