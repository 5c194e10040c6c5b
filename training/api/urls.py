"""Routes of the training centre under /api/v1/."""

from django.urls import path

from training.api.views import intake, runs, samples, versions

app_name = "training-api"

urlpatterns = [
    path("retrain/add-files", intake.AddFilesView.as_view(), name="add-files"),
    path("retrain", runs.RetrainView.as_view(), name="retrain"),
    path("retrain/status", runs.RetrainStatusView.as_view(), name="retrain-status"),
    path("runs", runs.RunsView.as_view(), name="runs"),
    path("runs/<uuid:run_id>", runs.RunView.as_view(), name="run"),
    path("runs/<uuid:run_id>/cancel", runs.CancelRunView.as_view(), name="cancel-run"),
    path("samples", samples.SamplesView.as_view(), name="samples"),
    path("samples/archive", intake.ArchiveView.as_view(), name="archive"),
    path(
        "samples/archive/<uuid:archive_id>",
        intake.ArchiveStateView.as_view(),
        name="archive-state",
    ),
    path(
        "samples/archive/<uuid:archive_id>/files",
        intake.ArchivedFilesView.as_view(),
        name="archive-files",
    ),
    path("samples/review", samples.ReviewView.as_view(), name="review"),
    path("samples/<uuid:sample_id>", samples.SampleView.as_view(), name="sample"),
    path("samples/<uuid:sample_id>/opinions", samples.OpinionsView.as_view(), name="opinions"),
    path(
        "predictions/<uuid:prediction_id>/feedback",
        samples.FeedbackView.as_view(),
        name="feedback",
    ),
    path("models", versions.VersionsView.as_view(), name="versions"),
    path("models/import", versions.ImportView.as_view(), name="version-import"),
    path("models/rollback", versions.RollBackView.as_view(), name="version-rollback"),
    path("models/<str:name>", versions.VersionView.as_view(), name="version"),
    path("models/<str:name>/promote", versions.PromoteView.as_view(), name="version-promote"),
    path("models/<str:name>/challenge", versions.ChallengeView.as_view(), name="version-challenge"),
    path("models/<str:name>/export", versions.ExportView.as_view(), name="version-export"),
]
