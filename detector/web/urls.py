"""Routes of the website."""

from django.urls import path

from detector.web import (
    actions,
    dashboard,
    history,
    intake,
    looks,
    playback,
    selection,
    shared,
    views,
)

urlpatterns = [
    path("", intake.home, name="home"),
    path("recent/", intake.recent, name="recent"),
    path("clips/", intake.upload, name="upload"),
    path("examples/", intake.judge_example, name="judge-example"),
    path("clips/<uuid:clip_id>/audio/", playback.audio, name="clip-audio"),
    path("clips/<uuid:clip_id>/spectrogram/", playback.spectrogram, name="clip-spectrogram"),
    path("clips/<uuid:clip_id>/delete/", views.delete_clip, name="clip-delete"),
    path("history/", history.history, name="history"),
    path("history/batches/", history.batches, name="batches"),
    path("history/selected/", selection.act, name="history-selected"),
    path("history/filters/", history.save_filter, name="filter-save"),
    path("history/filters/<int:filter_id>/delete/", history.drop_filter, name="filter-delete"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("predictions/<uuid:prediction_id>/", views.prediction, name="prediction"),
    path("predictions/<uuid:prediction_id>/live/", views.prediction_live, name="prediction-live"),
    path("predictions/<uuid:prediction_id>/rejudge/", actions.rejudge, name="prediction-rejudge"),
    path("predictions/<uuid:prediction_id>/share/", actions.share, name="prediction-share"),
    path(
        "predictions/<uuid:prediction_id>/share/<uuid:link_id>/revoke/",
        actions.revoke_share,
        name="share-revoke",
    ),
    path("shared/<str:token>/", shared.shared, name="shared"),
    path("shared/<str:token>/audio/", shared.audio, name="shared-audio"),
    path("shared/<str:token>/spectrogram/", shared.spectrogram, name="shared-spectrogram"),
    path("batches/", intake.open_batch, name="batch-open"),
    path(
        "predictions/<uuid:prediction_id>/report.pdf",
        views.prediction_report,
        name="prediction-report",
    ),
    path("batches/<uuid:batch_id>/", views.batch, name="batch"),
    path("batches/<uuid:batch_id>/clips/", intake.add_to_batch, name="batch-add"),
    path("batches/<uuid:batch_id>/close/", intake.close_batch, name="batch-close"),
    path("theme/", looks.theme, name="theme"),
]
