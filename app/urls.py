"""Every address of the product."""

from django.contrib import admin
from django.urls import include, path

from app.web.views import favicon, landing

# Under /api/ these speak problem+json; elsewhere they are Django's own.
handler400 = "app.api.problems.bad_request"
handler500 = "app.api.problems.server_error"

urlpatterns = [
    path("", landing, name="landing"),
    path("favicon.ico", favicon, name="favicon"),
    path("", include("app.accounts.urls")),
    path("", include("app.notifications.urls")),
    path("", include("app.studio.urls")),
    path("", include("app.uploads.urls")),
    path("", include("app.sharing.urls")),
    path("", include("app.reports.urls")),
    path("", include("app.api.urls")),
    path("", include("serverless.health")),
    path("admin/", admin.site.urls),
]
