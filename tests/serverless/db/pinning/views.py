"""Pages that pin and one that does not."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path


def careless(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.client', 'Ms Example', false)")
    return HttpResponse("done")


def careful(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.client', 'Ms Example', true)")
    return HttpResponse("done")


def failing(request: HttpRequest) -> HttpResponse:
    careless(request)
    raise RuntimeError


def roundabout(request: HttpRequest) -> HttpResponse:
    connection.ensure_connection()
    connection.connection.execute("SELECT set_config('app.client', 'Ms Example', false)")  # Django does not hear of it
    return HttpResponse("done")


urlpatterns = [
    path("roundabout", roundabout),
    path("careless", careless),
    path("careful", careful),
    path("failing", failing),
]
