"""Every address of the product."""

from django.contrib import admin
from django.urls import include, path

from app.accounts.views import SignIn, SignOut
from app.web.views import favicon, landing

# Under /api/ these speak problem+json; elsewhere they are Django's own.
handler400 = "app.api.problems.bad_request"
handler500 = "app.api.problems.server_error"

urlpatterns = [
    path("", landing, name="landing"),
    path("favicon.ico", favicon, name="favicon"),
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-out/", SignOut.as_view(), name="sign-out"),
    path("", include("app.galleries.urls")),
    path("", include("app.api.urls")),
    path("admin/", admin.site.urls),
]
