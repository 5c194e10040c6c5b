"""Routes under /api/. Without a trailing slash in v1: an address is written in one way only."""

from django.urls import include, path, re_path

from detector.api.problems import unknown_route
from detector.api.views.cancel import CancelBatchView, CancelView
from detector.api.views.direct import UploadPredictView, UploadsView
from detector.api.views.docs import (
    ProblemsView,
    RedocView,
    RootView,
    SchemaView,
    SwaggerView,
    redoc_script,
)
from detector.api.views.events import BatchEventsView, PredictionEventsView
from detector.api.views.export import ExportView
from detector.api.views.history import HistoryView, PredictionView, ReportView
from detector.api.views.predict import BatchStateView, BatchView, PredictView
from detector.api.views.service import HealthView, MetricsView, ModelInfoView
from detector.api.views.tokens import TokensView, TokenView

app_name = "api"

urlpatterns = [
    path("", RootView.as_view(), name="root"),
    path("v1/health", HealthView.as_view(), name="health"),
    path("v1/predict", PredictView.as_view(), name="predict"),
    path("v1/predict/batch", BatchView.as_view(), name="predict-batch"),
    path("v1/predict/batch/<uuid:batch_id>", BatchStateView.as_view(), name="batch"),
    path("v1/predict/batch/<uuid:batch_id>/events", BatchEventsView.as_view(), name="batch-events"),
    path("v1/predictions", HistoryView.as_view(), name="predictions"),
    path("v1/predictions/export", ExportView.as_view(), name="predictions-export"),
    path("v1/predictions/<uuid:prediction_id>", PredictionView.as_view(), name="prediction"),
    path(
        "v1/predictions/<uuid:prediction_id>/events",
        PredictionEventsView.as_view(),
        name="prediction-events",
    ),
    path("v1/predict/batch/<uuid:batch_id>/cancel", CancelBatchView.as_view(), name="batch-cancel"),
    path(
        "v1/predictions/<uuid:prediction_id>/cancel",
        CancelView.as_view(),
        name="prediction-cancel",
    ),
    path(
        "v1/predictions/<uuid:prediction_id>/report",
        ReportView.as_view(),
        name="prediction-report",
    ),
    path("v1/uploads", UploadsView.as_view(), name="uploads"),
    path("v1/uploads/<uuid:upload_id>/predict", UploadPredictView.as_view(), name="upload-predict"),
    path("v1/model/info", ModelInfoView.as_view(), name="model-info"),
    path("v1/metrics", MetricsView.as_view(), name="metrics"),
    path("v1/tokens", TokensView.as_view(), name="tokens"),
    path("v1/tokens/<int:token_id>", TokenView.as_view(), name="token"),
    path("v1/", include("webhooks.api.urls")),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", SwaggerView.as_view(), name="docs"),
    path("redoc/", RedocView.as_view(), name="redoc"),
    path("redoc/redoc.js", redoc_script, name="redoc-script"),
    path("problems/", ProblemsView.as_view(), name="problems"),
    path("problems/<slug:code>/", ProblemsView.as_view(), name="problem"),
    re_path("", unknown_route),
]
