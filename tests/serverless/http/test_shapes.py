"""What holds for every event shape, with WSGI applications of a few lines."""

import base64
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from pytest_django.fixtures import Settings

from serverless.events import build
from tests.serverless.http.shapes import SHAPES, Shape
from tests.serverless.http.wsgi import WSGI

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SECRET = "current-secret"
VIEWER = [
    ("X-Viewer-Host", "loupe.test:8443"),
    ("x-viewer-address", "203.0.113.7"),
    ("cloudfront-forwarded-proto", "http"),
    ("x-forwarded-for", "203.0.113.7, 198.51.100.9"),
    ("Host", "origin.test"),
]


@pytest.fixture(params=SHAPES)
def shape(request: pytest.FixtureRequest) -> Shape:
    return SHAPES[request.param]


def echo(environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
    start_response("200 OK", [("Content-Type", "application/json")])
    said: dict[str, Any] = {key: value for key, value in environ.items() if isinstance(value, str)}
    said["body"] = environ["wsgi.input"].read().decode("latin-1")
    return [json.dumps(said).encode()]


def environ(shape: Shape, **request: Any) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(shape.ask(WSGI(echo), **request)["body"])
    return said


def headers_of(answer: dict[str, Any]) -> dict[str, Any]:
    headers: dict[str, Any] = answer["headers"] if "headers" in answer else answer["multiValueHeaders"]
    return headers


@pytest.mark.parametrize("headers", [[("x-origin-secret", SECRET)], [("X-Origin-Secret", "next-secret")]])
def test_behind_the_lock_the_viewer_is_believed(
    shape: Shape, settings: Settings, headers: list[tuple[str, str]]
) -> None:
    settings.SERVERLESS = {"ORIGIN_SECRETS": [SECRET, "next-secret"]}
    said = environ(shape, headers=[*headers, *VIEWER])
    assert (said["HTTP_HOST"], said["SERVER_NAME"], said["SERVER_PORT"]) == ("loupe.test:8443", "loupe.test", "8443")
    assert (said["REMOTE_ADDR"], said["wsgi.url_scheme"]) == ("203.0.113.7", "http")
    assert said.keys().isdisjoint({"HTTP_X_VIEWER_HOST", "HTTP_X_VIEWER_ADDRESS", "HTTP_X_ORIGIN_SECRET"})
    assert SECRET not in json.dumps(said)


@pytest.mark.parametrize(
    "headers",
    [[], [("x-origin-secret", "wrong")], [("x-origin-secret", "")], [("x_origin_secret", SECRET)],
     [("x-origin-secret", SECRET), ("x-origin-secret", "wrong")], [("x-origin-secret", f"{SECRET},{SECRET}")]],
)  # fmt: skip
def test_the_lock_refuses_before_anything_else(
    shape: Shape, settings: Settings, headers: list[tuple[str, str]]
) -> None:
    settings.SERVERLESS = {"ORIGIN_SECRETS": [SECRET]}

    def never(_: "WSGIEnvironment", __: "StartResponse") -> list[bytes]:
        raise AssertionError("the application was called")

    answer = shape.ask(WSGI(never), headers=[*headers, *VIEWER])
    assert answer["statusCode"] == 403
    assert SECRET not in json.dumps(answer)


def test_without_the_lock_the_event_says_who_asks(shape: Shape, settings: Settings) -> None:
    settings.SERVERLESS = {}
    said = environ(shape, headers=VIEWER, **({} if shape.converter.__name__.endswith("alb") else {"source_ip": "::1"}))
    assert said["HTTP_HOST"] == "origin.test"
    # A load balancer's event has no other address than the last that X-Forwarded-For names.
    assert said["REMOTE_ADDR"] == ("198.51.100.9" if shape.converter.__name__.endswith("alb") else "::1")
    assert said["wsgi.url_scheme"] == "https"
    assert said.keys().isdisjoint({"HTTP_X_VIEWER_HOST", "HTTP_X_VIEWER_ADDRESS", "HTTP_CLOUDFRONT_FORWARDED_PROTO"})


def test_header_names_with_underscores_are_dropped(shape: Shape) -> None:
    said = environ(shape, headers=[("X_Forwarded_User", "root"), ("X-Forwarded-User", "me"), ("Content_Type", "a/b")])
    assert said["HTTP_X_FORWARDED_USER"] == "me"
    assert "CONTENT_TYPE" not in said


@pytest.mark.parametrize("body", [b"text", "Zoë".encode(), bytes(range(256)), b"\xff"])
@pytest.mark.parametrize("kind", ["text/plain", "application/octet-stream"])
def test_bodies_arrive_as_sent(shape: Shape, body: bytes, kind: str) -> None:
    said = environ(shape, method="POST", headers=[("content-type", kind), ("content-length", "999")], body=body)
    assert said["body"].encode("latin-1") == body
    assert (said["CONTENT_LENGTH"], said["CONTENT_TYPE"]) == (str(len(body)), kind)


@pytest.mark.parametrize("body", ["%%%", "YQ", "ä"])
def test_a_body_that_is_not_base64_is_an_error_and_not_an_empty_request(shape: Shape, body: str) -> None:
    broken = Shape(
        build=lambda **_: shape.build(method="POST") | {"body": body, "isBase64Encoded": True},
        converter=shape.converter,
    )
    assert broken.ask(WSGI(echo))["statusCode"] == 400


@pytest.mark.parametrize(
    ("method", "status", "length"),
    [("HEAD", "200 OK", True), ("GET", "204 No Content", False), ("GET", "304 Not Modified", True)],
)
def test_where_no_body_may_be_none_leaves(shape: Shape, method: str, status: str, length: bool) -> None:
    def application(_: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        start_response(status, [("Content-Type", "image/png"), ("Content-Length", "3"), ("ETag", '"a"')])
        return [b"abc"]

    answer = shape.ask(WSGI(application), method=method)
    assert (answer["body"], answer["isBase64Encoded"]) == ("", False)
    assert ("content-length" in headers_of(answer)) is length
    assert "etag" in headers_of(answer)


def test_several_cookies_leave(shape: Shape) -> None:
    cookies = ["a=1; Expires=Wed, 09 Jun 2027 10:18:14 GMT", "b=2; Path=/", "c=3"]

    def application(_: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        start_response("200 OK", [("Set-Cookie", cookie) for cookie in cookies])
        return [b""]

    answer = shape.ask(WSGI(application))
    said = list(answer.get("cookies", []))
    for name, value in headers_of(answer).items():
        if name.lower() == "set-cookie":
            said += value if isinstance(value, list) else [value]
    assert said == cookies


def test_the_response_is_closed_also_when_the_body_raises(shape: Shape) -> None:
    class Body:
        closed = 0

        def __iter__(self) -> Iterator[bytes]:
            yield b"a"
            raise LookupError

        def close(self) -> None:
            self.closed += 1

    body = Body()

    def application(_: "WSGIEnvironment", start_response: "StartResponse") -> Body:
        start_response("200 OK", [])
        return body

    assert shape.ask(WSGI(application))["statusCode"] == 500
    assert body.closed == 1


def test_bytes_leave_as_base64(shape: Shape) -> None:
    def application(_: "WSGIEnvironment", start_response: "StartResponse") -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "image/png")])
        yield b"\x89"
        yield b"PNG"

    answer = shape.ask(WSGI(application))
    assert (base64.b64decode(answer["body"]), answer["isBase64Encoded"]) == (b"\x89PNG", True)


def test_no_host_header_is_the_domain_of_the_event() -> None:
    domains = {name: environ(SHAPES[name])["HTTP_HOST"] for name in SHAPES}
    assert domains["http-v2"] == domains["http-v1"] == build.http_v2()["requestContext"]["domainName"]
    assert ".lambda-url." in domains["function-url"]
    assert domains["alb"] == "localhost"
