import asyncio
import logging
from collections.abc import Callable

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from serverless.cache import public_page
from serverless.cache.headers import NOBODY, PrivateByDefault

type View = Callable[[HttpRequest], HttpResponse]


def says(text: str = "", **headers: str) -> View:
    """A view with these headers, names with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: HttpResponse(text, headers=named)


def kept(view: View, request: HttpRequest | None = None) -> str:
    response = PrivateByDefault(view)(request or RequestFactory().get("/"))
    assert isinstance(response, HttpResponse)
    return str(response["Cache-Control"])


def with_cookie(_: HttpRequest) -> HttpResponse:
    response = HttpResponse(headers={"Cache-Control": "public, max-age=60"})
    response.set_cookie("a", "b")
    return response


@pytest.mark.parametrize(
    ("said", "decided"),
    [
        ({}, NOBODY),
        ({"Cache_Control": ""}, NOBODY),
        ({"Cache_Control": "public, max-age=60"}, "public, max-age=60"),
        ({"Cache_Control": "private, no-cache"}, "private, no-cache"),
        ({"Cache_Control": "no-store"}, "no-store"),
        ({"Cache_Control": "max-age=0, no-cache, no-store, private"}, "max-age=0, no-cache, no-store, private"),
        ({"Cache_Control": "public, max-age=60", "Vary": "Accept-Encoding"}, "public, max-age=60"),
        ({"Cache_Control": "public, max-age=60", "Vary": "accept, COOKIE"}, NOBODY),
        ({"Cache_Control": "s-maxage=60", "Vary": "Authorization"}, NOBODY),
        ({"Cache_Control": "max-age=60", "Vary": "*"}, NOBODY),
        ({"Cache_Control": "private, no-cache", "Vary": "Authorization"}, "private, no-cache"),
        ({"Cache_Control": "public", "Content_Security_Policy": "script-src 'nonce-abc'"}, NOBODY),
    ],
)
def test_who_may_keep_it(said: dict[str, str], decided: str) -> None:
    assert kept(says(**said)) == decided


def test_cookies_and_sessions_are_nobodys(rf: RequestFactory, caplog: pytest.LogCaptureFixture) -> None:
    assert kept(with_cookie) == NOBODY
    request = rf.get("/")

    class Session:
        accessed = True

    request.session = Session()  # type: ignore[assignment]
    with caplog.at_level(logging.WARNING):
        assert kept(says(Cache_Control="public, max-age=60"), request) == NOBODY
    assert "its view looks into the session" in caplog.text


def test_asynchronous_chains_too(rf: RequestFactory) -> None:
    async def view(_: HttpRequest) -> HttpResponse:
        return HttpResponse()

    assert asyncio.run(PrivateByDefault(view)(rf.get("/")))["Cache-Control"] == NOBODY  # type: ignore[arg-type]


@public_page(browser=60, edge=600, stale=30)
def page(_: HttpRequest) -> HttpResponse:
    """The same for everyone."""
    return HttpResponse("Hello")


def test_a_public_page(rf: RequestFactory) -> None:
    response = page(rf.get("/"))
    assert response["Cache-Control"] == (
        "public, max-age=60, s-maxage=600, stale-while-revalidate=30, stale-if-error=30"
    )
    assert response["Vary"] == "Accept-Encoding"
    again = page(rf.get("/", headers={"If-None-Match": response["ETag"].removeprefix("W/")}))
    assert (again.status_code, again.content) == (304, b"")
    for name in ("Cache-Control", "Vary", "ETag", "Content-Type"):
        assert again[name] == response[name]
    assert page(rf.get("/", headers={"If-None-Match": '"x", nonsense'})).status_code == 200
    assert page.__doc__ == "The same for everyone."


@pytest.mark.parametrize("status", [204, 206, 303, 307, 400, 404, 405, 410, 500, 503])
def test_errors_are_not_kept(rf: RequestFactory, status: int) -> None:
    view = public_page(browser=60, edge=60)(lambda _: HttpResponse(status=status))
    assert "Cache-Control" not in view(rf.get("/"))
    assert kept(view) == NOBODY


@pytest.mark.parametrize("method", ["post", "put", "options", "delete"])
def test_only_reads_are_kept(rf: RequestFactory, method: str) -> None:
    assert kept(page, getattr(rf, method)("/")) == NOBODY


@pytest.mark.parametrize("times", [(-1, 1, 0), (1, 0, 0), (1, -5, 0), (1, 1, -1), (1, 31_536_001, 0)])
def test_times_that_make_no_sense_are_refused(times: tuple[int, int, int]) -> None:
    browser, edge, stale = times
    with pytest.raises(ValueError, match="seconds from 0"):
        public_page(browser=browser, edge=edge, stale=stale)
