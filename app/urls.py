"""Every address of the product."""

from django.contrib import admin
from django.urls import include, path

from app.web.views import favicon, landing

urlpatterns = [
    path("", landing, name="landing"),
    path("favicon.ico", favicon, name="favicon"),
    path("", include("app.accounts.urls")),
    path("", include("app.notifications.urls")),
    path("", include("app.galleries.urls")),
    path("admin/", admin.site.urls),
]
