from django.urls import path, re_path

from tests.conformance.project import views

urlpatterns = [
    # Any character may follow, line breaks too.
    re_path(r"(?s)^echo.*\Z", views.echo),
    path("answers/<slug:name>", views.answer),
    path("cookies/<slug:name>", views.cookies),
    path("errors/<slug:name>", views.error),
    path("slash/", views.echo),
]
