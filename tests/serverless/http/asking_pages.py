"""Addresses with an error page that asks the database who its visitor is."""

from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.urls import path

from tests.serverless.http import test_recovery as views


def error(_: HttpRequest) -> HttpResponse:
    views.runs.append("error page")
    answer = HttpResponse(str(views.query("SELECT 40")), status=500)
    connections["behind"].close()  # under ASGI Django makes error pages on a thread of their own
    return answer


handler500 = error
urlpatterns = [path("one", views.one)]
