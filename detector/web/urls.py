"""Routes of the website."""

from django.urls import path

from detector.web import dashboard, history, intake, looks, playback, selection, views

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
    path("batches/<uuid:batch_id>/", views.batch, name="batch"),
    path("theme/", looks.theme, name="theme"),
]
