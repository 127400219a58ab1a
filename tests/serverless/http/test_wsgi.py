"""The interface to Django, with views of a few lines; the conformance corpus has it beside gunicorn."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from pytest_django.fixtures import Settings

from serverless.http.messages import Request, Response, Viewer
from serverless.http.wsgi import Django

# Connections of other tests are looked at when a request ends.
pytestmark = pytest.mark.django_db(databases=["default", "other"])

NOBODY = Viewer(host=None, address=None, scheme=None)


class Closed(Exception):
    """Raised by the body of a response."""


def plain(_: HttpRequest, number: int) -> HttpResponse:
    response = HttpResponse(f"{number}", status=418, headers={"X-Mixed-Case": "1", "Vary": "a, b"})
    response.set_cookie("a", "1")
    response.set_cookie("b", "2")
    return response


def reasoned(_: HttpRequest) -> HttpResponse:
    return HttpResponse(reason="As You Wish")


def replaced(_: HttpRequest) -> HttpResponse:
    response = HttpResponse()
    response.headers = {"X-Own": "1"}  # type: ignore[assignment]  # of another kind than Django's
    return response


def streams(_: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(iter([b"a", b"b"]))


def breaks(_: HttpRequest) -> StreamingHttpResponse:
    def parts() -> Iterator[bytes]:
        yield b"a"
        raise Closed

    return StreamingHttpResponse(parts())


def leaves(_: HttpRequest) -> HttpResponseBase:
    raise SystemExit


urlpatterns = [path("plain/<int:number>/", plain)] + [
    path(f"{view.__name__}/", view) for view in (reasoned, replaced, streams, breaks, leaves)
]


@pytest.fixture
def signals() -> Iterator[list[tuple[str, Any]]]:
    said: list[tuple[str, Any]] = []

    def started(sender: object, **_: object) -> None:
        said.append(("started", sender))

    def finished(sender: object, **_: object) -> None:
        said.append(("finished", sender))

    request_started.connect(started)
    request_finished.connect(finished)
    yield said
    request_started.disconnect(started)
    request_finished.disconnect(finished)


@pytest.fixture(autouse=True)
def site(settings: Settings) -> None:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = []
    settings.ALLOWED_HOSTS = ["*"]


def ask(name: str) -> Response:
    request = Request(
        method="GET", path=f"/{name}/".encode(), query="", headers={}, text="", is_base64=False, address="::1"
    )
    return Django()(request, NOBODY)


BOTH = [("started", WSGIHandler), ("finished", WSGIHandler)]


def test_status_headers_cookies_body_and_route(signals: list[tuple[str, Any]]) -> None:
    said = ask("plain/7")
    assert (said.status, said.reason, said.body, said.route) == (418, "I'm a Teapot", b"7", "plain/<int:number>/")
    assert list(said.headers) == [
        ("X-Mixed-Case", "1"), ("Vary", "a, b"), ("Content-Type", "text/html; charset=utf-8"),
        ("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2; Path=/"),
    ]  # fmt: skip
    assert signals == BOTH


def test_a_reason_of_the_view_s_own() -> None:
    assert ask("reasoned").reason == "As You Wish"


def test_headers_of_another_kind_than_django_s() -> None:
    assert list(ask("replaced").headers) == [("X-Own", "1")]


def test_what_matches_no_route_has_none() -> None:
    said = ask("nothing")
    assert (said.status, said.route) == (404, None)


def test_a_stream_is_read_to_its_end(signals: list[tuple[str, Any]]) -> None:
    assert ask("streams").body == b"ab"
    assert signals == BOTH


@pytest.mark.parametrize(("name", "problem"), [("breaks", Closed), ("leaves", SystemExit)])
def test_the_end_is_announced_once_whatever_is_raised(
    name: str, problem: type[BaseException], signals: list[tuple[str, Any]]
) -> None:
    with pytest.raises(problem):
        ask(name)
    assert signals == BOTH
