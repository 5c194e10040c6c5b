"""Routes of the training centre. Every page of a tab lies below the tab's own address."""

from django.urls import path
from django.views.generic import RedirectView

from training.web import (
    archives,
    data,
    feedback,
    intake,
    monitor,
    promotion,
    review,
    runs,
    versions,
)

app_name = "training"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="training:data"), name="index"),
    path("data/", data.data, name="data"),
    path("data/add/", intake.add, name="add"),
    path("data/archives/<uuid:archive_id>/", archives.archive, name="archive"),
    path("data/archives/<uuid:archive_id>/live/", archives.archive_live, name="archive-live"),
    path("data/review/", review.review, name="review"),
    path("data/samples/", data.sample_list, name="samples"),
    path("data/samples/<uuid:sample_id>/", data.sample, name="sample"),
    path("data/samples/<uuid:sample_id>/decide/", data.decide, name="decide"),
    path("data/samples/<uuid:sample_id>/change/", data.change, name="change"),
    path("data/samples/<uuid:sample_id>/audio/", data.sample_audio, name="sample-audio"),
    path("feedback/<uuid:prediction_id>/", feedback.feedback, name="feedback"),
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
    path("runs/", runs.run_list, name="runs"),
    path("runs/<uuid:run_id>/", runs.run_page, name="run"),
    path("runs/<uuid:run_id>/live/", runs.run_live, name="run-live"),
    path("runs/<uuid:run_id>/cancel/", runs.cancel, name="cancel-run"),
    path("monitor/", monitor.monitor, name="monitor"),
    path("monitor/rejudge/", monitor.rejudge, name="rejudge"),
    path("monitor/rejudge/<uuid:rejudging_id>/cancel/", monitor.cancel, name="rejudge-cancel"),
]
