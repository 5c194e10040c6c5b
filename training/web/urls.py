"""Routes of the training centre. Every page of a tab lies below the tab's own address."""

from django.urls import path
from django.views.generic import RedirectView

from training.web import monitor, promotion, versions

app_name = "training"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="training:models"), name="index"),
    path("models/", versions.models, name="models"),
    path("models/compare/", versions.compare, name="compare"),
    path("models/import/", promotion.bring_in, name="import"),
    path("models/roll-back/", promotion.go_back, name="roll-back"),
    path("models/<uuid:version_id>/", versions.version, name="version"),
    path("models/<uuid:version_id>/card.md", versions.card, {"form": "md"}, name="card-md"),
    path("models/<uuid:version_id>/card.json", versions.card, {"form": "json"}, name="card-json"),
    path("models/<uuid:version_id>/promote/", promotion.promote, name="promote"),
    path("models/<uuid:version_id>/challenge/", promotion.challenge, name="challenge"),
    path("models/<uuid:version_id>/export/", promotion.export, name="export"),
    path("monitor/", monitor.monitor, name="monitor"),
]
