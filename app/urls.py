"""Every address of the product."""

from django.contrib import admin
from django.urls import include, path

from app.accounts.views import SignIn, SignOut
from app.web.views import favicon, landing

urlpatterns = [
    path("", landing, name="landing"),
    path("favicon.ico", favicon, name="favicon"),
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-out/", SignOut.as_view(), name="sign-out"),
    path("", include("app.galleries.urls")),
    path("admin/", admin.site.urls),
]
