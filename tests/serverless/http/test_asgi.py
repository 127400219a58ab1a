"""The ASGI interface with applications of a few lines; tests/conformance has Django behind it."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from serverless.http.asgi import ASGI
from serverless.http.messages import Request, Response, Viewer
from tests.serverless.http.shapes import SHAPES

NOBODY = Viewer(host=None, address=None, scheme=None)


class Echo:
    """Keeps the scope and the body of the last request."""

    def __init__(self) -> None:
        self.scope: dict[str, Any] = {}
        self.body = b""

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.scope, self.body = scope, (await receive())["body"]
        headers = [(b"content-type", b"text/plain"), (b"Set-Cookie", b"a=1"), (b"Set-Cookie", b"b=2")]
        await send({"type": "http.response.start", "status": 201, "headers": headers})
        await send({"type": "http.response.body", "body": b"part ", "more_body": True})
        await send({"type": "http.response.body", "body": b"two"})


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def interface(echo: Echo) -> Iterator[ASGI]:
    made = ASGI(echo)
    yield made
    made.close()


def test_the_answer_is_that_of_the_application(interface: ASGI) -> None:
    answer = SHAPES["http-v2"].ask(interface, raw_path="/a")
    assert (answer["statusCode"], answer["body"], answer["cookies"]) == (201, "part two", ["a=1", "b=2"])


@pytest.mark.parametrize("name", SHAPES)
def test_the_scope_says_what_the_event_says(interface: ASGI, echo: Echo, name: str) -> None:
    SHAPES[name].ask(
        interface,
        method="POST",
        raw_query="a=%20b",
        headers=[("Host", "photos.example:8443"), ("X-A", "Zoë"), ("content-length", "99"), ("x-viewer-host", "evil")],
        body=b"\xff",
    )
    scope = echo.scope
    headers = dict(scope["headers"])
    query = b"a=+b" if name == "http-v1" else b"a=%20b"
    assert (scope["method"], scope["query_string"], scope["scheme"]) == ("POST", query, "https")
    assert (headers[b"host"], headers[b"content-length"], headers[b"x-a"]) == (
        b"photos.example:8443",
        b"1",
        "Zoë".encode(),
    )
    assert scope["server"] == ("photos.example", 8443)
    assert b"x-viewer-host" not in headers
    assert echo.body == b"\xff"


def test_paths_that_are_not_utf8_stay_escaped_and_mounts_are_roots(interface: ASGI, echo: Echo) -> None:
    SHAPES["http-v1"].ask(interface, raw_path="/a%20%FF/%C3%AB")
    assert (echo.scope["path"], echo.scope["root_path"]) == ("/live/a %FF/ë", "/live")


def test_an_exception_is_raised_and_left_to_others_to_log(caplog: pytest.LogCaptureFixture) -> None:
    async def fails(scope: Any, receive: Any, send: Any) -> None:
        raise LookupError("gone")

    interface = ASGI(fails)
    try:
        with pytest.raises(LookupError, match="gone"):
            interface(_request(), NOBODY)
    finally:
        interface.close()
    assert caplog.records == []


def test_paths_stay_out_of_the_logs(interface: ASGI, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        response = interface(_request(path=b"/s/secret-token"), NOBODY)
    assert isinstance(response, Response)
    assert "secret-token" not in caplog.text


def _request(path: bytes = b"/") -> Request:
    return Request(method="GET", path=path, query="", headers={}, text="", is_base64=False, address="::1")


@pytest.mark.parametrize("name", SHAPES)
def test_behind_the_lock_the_viewer_is_believed(interface: ASGI, echo: Echo, name: str, settings: Settings) -> None:
    settings.SERVERLESS = {"ORIGIN_SECRETS": ["current-secret"]}
    viewer = [("x-viewer-host", "loupe.test"), ("x-viewer-address", "203.0.113.7"), ("host", "origin.test")]
    assert SHAPES[name].ask(interface, headers=viewer)["statusCode"] == 403
    assert echo.scope == {}
    assert SHAPES[name].ask(interface, headers=[*viewer, ("x-origin-secret", "current-secret")])["statusCode"] == 201
    assert (echo.scope["client"], echo.scope["server"]) == (("203.0.113.7", 0), ("loupe.test", 443))
    headers = dict(echo.scope["headers"])
    assert headers[b"host"] == b"loupe.test"
    assert headers.keys().isdisjoint({b"x-origin-secret", b"x-viewer-host", b"x-viewer-address"})
    # A stage behind CloudFront is its origin path, not part of the visitor's URLs.
    assert echo.scope["root_path"] == ""
