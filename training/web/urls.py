"""Routes of the training centre. Every page of a tab lies below the tab's own address."""

from django.urls import path
from django.views.generic import RedirectView

from training.web import monitor, versions

app_name = "training"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="training:models"), name="index"),
    path("models/", versions.versions, name="models"),
    path("monitor/", monitor.monitor, name="monitor"),
]
