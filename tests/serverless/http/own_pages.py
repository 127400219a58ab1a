"""A project with a page of its own for a database that is away."""

from django.http import HttpRequest, HttpResponse

from tests.serverless.http.test_recovery import urlpatterns

__all__ = ["handler500", "urlpatterns"]


def handler500(_: HttpRequest) -> HttpResponse:
    return HttpResponse("our own", status=503, headers={"Retry-After": "7"})
