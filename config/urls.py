"""Routes of the whole site."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include("detector.api.urls")),
    path("training/", include("training.web.urls")),
    path("", include("accounts.urls")),
    path("", include("detector.web.urls")),
]

handler400 = "config.errors.bad_request"
handler500 = "config.errors.server_error"
