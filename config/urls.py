"""Routes of the whole site."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from operations.pages import own_data

# One way to log in: with its limits on guessing and its second factor.
admin.site.login = secure_admin_login(  # type: ignore[method-assign]  # as allauth says to
    admin.site.login
)

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include("training.api.urls")),
    path("api/v1/", include("operations.urls")),
    path("api/", include("detector.api.urls")),
    path("training/", include("training.web.urls")),
    path("account/data/", own_data, name="own-data"),
    path("", include("accounts.urls")),
    path("account/webhooks/", include("webhooks.urls")),
    path("", include("detector.web.urls")),
]

handler400 = "config.errors.bad_request"
handler500 = "config.errors.server_error"
