"""The adapter with WSGI applications of a few lines: what Django does with a request is Django's to test."""

import base64
import json
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.core.signals import request_finished
from pytest_django.fixtures import Settings

from serverless.events import build
from serverless.http import Adapter
from serverless.http.converters import v2
from tests.serverless.http.wsgi import WSGI

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SECRETS = ["current-secret", "next-secret"]


def echo(environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
    start_response("200 OK", [("Content-Type", "application/json")])
    said: dict[str, Any] = {key: value for key, value in environ.items() if isinstance(value, str)}
    said["body"] = environ["wsgi.input"].read().decode("latin-1")
    return [json.dumps(said).encode()]


def ask(application: "WSGIApplication" = echo, **event: Any) -> dict[str, Any]:
    return dict(Adapter(WSGI(application)).respond(build.http_v2(**event), v2))


def environ(**event: Any) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(ask(**event)["body"])
    return said


@pytest.fixture
def locked(settings: Settings) -> None:
    settings.SERVERLESS = {"ORIGIN_SECRETS": SECRETS}


@pytest.fixture(autouse=True)
def unlocked(settings: Settings) -> None:
    settings.SERVERLESS = {}


def test_the_decoded_path_is_never_unquoted_again() -> None:
    assert environ(raw_path="/a b/100%25/ä")["PATH_INFO"].encode("latin-1").decode() == "/a b/100%25/ä"


def test_query_headers_and_body_arrive() -> None:
    said = environ(
        method="POST",
        raw_query="a=1&a=2&b=%20",
        headers=[("content-type", "text/plain"), ("content-length", "999"), ("x-a", "1"), ("x-a", "2")],
        body=b"abc",
    )
    assert said["REQUEST_METHOD"] == "POST"
    assert said["QUERY_STRING"] == "a=1&a=2&b=%20"
    assert (said["CONTENT_TYPE"], said["CONTENT_LENGTH"], said["body"]) == ("text/plain", "3", "abc")
    assert said["HTTP_X_A"] == "1,2"
    assert "HTTP_CONTENT_LENGTH" not in said


def test_binary_bodies_arrive_as_sent() -> None:
    body = bytes(range(256))
    assert environ(method="PUT", headers=[("content-type", "image/png")], body=body)["body"].encode("latin-1") == body


def test_cookies_arrive_in_one_header() -> None:
    assert environ(headers=[("cookie", "a=1; b=2")])["HTTP_COOKIE"] == "a=1; b=2"


def test_header_names_with_underscores_are_dropped() -> None:
    said = environ(headers=[("x_forwarded_user", "root"), ("x-forwarded-user", "me")])
    assert said["HTTP_X_FORWARDED_USER"] == "me"
    assert "HTTP_X_FORWARDED_USER" not in environ(headers=[("x_forwarded_user", "root")])


def test_values_arrive_as_their_bytes_read_as_latin_1() -> None:
    said = environ(
        headers=[("content-type", "text/plain; charset=ü"), ("x-name", "Zoë\ud800"), ("host", "bücher.test")]
    )
    assert said["CONTENT_TYPE"].encode("latin-1").decode() == "text/plain; charset=ü"
    assert said["HTTP_X_NAME"].encode("latin-1").decode() == "Zoë?"
    assert said["HTTP_HOST"].encode("latin-1").decode() == "bücher.test"


def test_every_cookie_leaves_apart_and_repeated_headers_joined() -> None:
    def application(_: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        start_response("200 OK", [("Set-Cookie", "a=1; Expires=Wed, 09 Jun 2027 10:18:14 GMT"), ("Set-Cookie", "b=2"),
                                  ("Vary", "Cookie"), ("Vary", "Accept")])  # fmt: skip
        return [b""]

    answer = ask(application)
    assert answer["cookies"] == ["a=1; Expires=Wed, 09 Jun 2027 10:18:14 GMT", "b=2"]
    assert answer["headers"] == {"vary": "Cookie, Accept"}


@pytest.mark.parametrize(
    ("headers", "body", "encoded"),
    [
        ([("Content-Type", "text/html; charset=utf-8")], "ä".encode(), False),
        ([("Content-Type", "text/html")], "ä".encode(), False),
        ([("Content-Type", "text/html; charset=iso-8859-1")], "ä".encode("latin-1"), True),
        ([("Content-Type", "text/html")], b"\xff\xfe", True),
        ([("Content-Type", "image/png")], b"\x89PNG", True),
        ([("Content-Type", "text/html"), ("Content-Encoding", "gzip")], b"abc", True),
        ([], b"abc", True),
        ([], b"", False),
    ],
)
def test_what_is_not_utf8_text_leaves_as_base64(headers: list[tuple[str, str]], body: bytes, encoded: bool) -> None:
    def application(_: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        start_response("200 OK", headers)
        return [body]

    answer = ask(application)
    assert answer["isBase64Encoded"] is encoded
    assert (base64.b64decode(answer["body"]) if encoded else answer["body"].encode()) == body


def test_the_response_is_closed_also_when_the_body_raises() -> None:
    class Body:
        closed = False

        def __iter__(self) -> Iterator[bytes]:
            yield b"a"
            raise LookupError

        def close(self) -> None:
            self.closed = True

    body = Body()

    def application(_: "WSGIEnvironment", start_response: "StartResponse") -> Body:
        start_response("200 OK", [])
        return body

    assert ask(application)["statusCode"] == 500
    assert body.closed


def test_a_generator_may_name_its_status_late() -> None:
    def application(_: "WSGIEnvironment", start_response: "StartResponse") -> Iterator[bytes]:
        start_response("418 I'm a teapot", [("Content-Type", "text/plain")])
        yield b"short "
        yield b"and stout"

    answer = ask(application)
    assert (answer["statusCode"], answer["body"]) == (418, "short and stout")


@pytest.mark.usefixtures("locked")
@pytest.mark.parametrize("secret", SECRETS)
def test_the_lock_opens_for_the_current_and_the_next_secret(secret: str) -> None:
    said = environ(headers=[
        ("x-origin-secret", secret), ("x-viewer-host", "loupe.test:8443"), ("x-viewer-address", "203.0.113.7"),
        ("cloudfront-forwarded-proto", "http"), ("host", "a1b2.execute-api.us-east-1.amazonaws.com"),
    ])  # fmt: skip
    assert (said["HTTP_HOST"], said["SERVER_NAME"], said["SERVER_PORT"]) == ("loupe.test:8443", "loupe.test", "8443")
    assert (said["REMOTE_ADDR"], said["wsgi.url_scheme"]) == ("203.0.113.7", "http")
    assert secret not in json.dumps(said)
    assert "HTTP_X_VIEWER_HOST" not in said


@pytest.mark.usefixtures("locked")
@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("x-origin-secret", "wrong")],
        [("x-origin-secret", "")],
        [("x_origin_secret", "current-secret")],
        [("x-origin-secret", "current-secret"), ("x-origin-secret", "current-secret")],
        [("x-origin-secret", "current-secret ")],
        [("x-origin-secret", "cürrent")],
        [("x-origin-secret", "\ud800")],
    ],
)
def test_the_lock_refuses_everything_else(headers: list[tuple[str, str]], caplog: pytest.LogCaptureFixture) -> None:
    def never(_: "WSGIEnvironment", __: "StartResponse") -> list[bytes]:
        raise AssertionError("the application was called")

    with caplog.at_level(logging.INFO):
        answer = ask(never, headers=headers)
    assert answer["statusCode"] == 403
    assert "secret" not in answer["body"]
    assert all("current-secret" not in str(vars(record)) for record in caplog.records)


def test_without_the_lock_viewer_headers_are_not_believed() -> None:
    said = environ(headers=[
        ("host", "api.test"), ("x-viewer-host", "evil.test"), ("x-viewer-address", "10.0.0.1"),
        ("cloudfront-forwarded-proto", "http"),
    ], source_ip="198.51.100.9")  # fmt: skip
    assert (said["HTTP_HOST"], said["REMOTE_ADDR"], said["wsgi.url_scheme"]) == ("api.test", "198.51.100.9", "https")


@pytest.mark.parametrize(
    ("host", "name", "port"), [("[::1]", "[::1]", "443"), ("[::1]:8000", "[::1]", "8000"), ("a", "a", "443")]
)
def test_server_name_and_port_come_from_the_host(host: str, name: str, port: str) -> None:
    said = environ(headers=[("host", host)])
    assert (said["HTTP_HOST"], said["SERVER_NAME"], said["SERVER_PORT"]) == (host, name, port)


def test_one_log_line_a_request_without_its_path(caplog: pytest.LogCaptureFixture) -> None:
    adapter = Adapter(WSGI(echo))
    with caplog.at_level(logging.INFO, "serverless.http"):
        for _ in range(2):
            adapter.respond(build.http_v2(raw_path="/s/token", raw_query="q=secret"), v2)
    said = [vars(record) for record in caplog.records]
    assert [(line["msg"], line["method"], line["status"]) for line in said] == [("request", "GET", 200)] * 2
    assert [line["cold"] for line in said] == [True, False]
    assert all(line["milliseconds"] >= 0 and line["queries"] == 0 and line["route"] is None for line in said)
    assert all(line["Latency"] >= 0 and line["Queries"] == 0 and line["_aws"]["CloudWatchMetrics"] for line in said)
    assert [line.get("ColdStarts") for line in said] == [1, None]
    assert "token" not in str(said)
    assert "secret" not in str(said)


def test_where_the_level_leaves_that_line_out_its_metrics_have_one_of_their_own(
    caplog: pytest.LogCaptureFixture,
) -> None:
    # The second sets the level of what catches lines as well, which the first would leave too high.
    with caplog.at_level(logging.WARNING, "serverless.http"), caplog.at_level(logging.INFO, "serverless.metrics"):
        Adapter(WSGI(echo)).respond(build.http_v2(raw_path="/s/token"), v2)
    (line,) = map(vars, caplog.records)
    assert (line["name"], line["ColdStarts"]) == ("serverless.metrics", 1)
    assert "token" not in str(line)


@pytest.mark.parametrize("problem", [LookupError, SystemExit, GeneratorExit])
def test_what_leaves_the_application_is_logged_once_and_answered(
    problem: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    def application(_: "WSGIEnvironment", __: "StartResponse") -> list[bytes]:
        raise problem("as asked")

    finished: list[object] = []

    def note(**_: object) -> None:
        finished.append(None)

    request_finished.connect(note)
    try:
        answer = ask(application, headers=[("accept", "text/html")])
    finally:
        request_finished.disconnect(note)
    assert (answer["statusCode"], answer["headers"]["content-type"]) == (500, "text/html; charset=utf-8")
    assert "as asked" not in answer["body"]
    (record,) = [record for record in caplog.records if record.exc_info]
    assert record.getMessage() == "request failed"
    assert len(finished) == 1


def test_someone_at_a_keyboard_is_obeyed() -> None:
    def application(_: "WSGIEnvironment", __: "StartResponse") -> list[bytes]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask(application)


@pytest.mark.parametrize(("size", "status"), [(10_240, 200), (10_241, 431)])
def test_headers_that_the_gateway_would_not_carry(size: int, status: int) -> None:
    def application(_: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain"), ("Set-Cookie", "a" * (size - len("text/plain")))])
        return [b"x"]

    answer = ask(application)
    assert answer["statusCode"] == status


# What the body may be beside an envelope of 102 bytes, up to Lambda's 6,291,556; base64 makes 4 bytes of 3, JSON 2 of a
# quotation mark and 6 of a control character.
@pytest.mark.parametrize(
    ("kind", "unit", "written"),
    [("text/plain", b"x", 1), ("text/plain", b'"', 2), ("text/plain", b"\x01", 6), ("image/png", b"xyz", 4)],
)
@pytest.mark.parametrize("over", [False, True])
def test_a_body_at_the_limit_of_lambda(kind: str, unit: bytes, written: int, over: bool) -> None:
    def application(_: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        start_response("200 OK", [("Content-Type", kind)])
        return [unit * count]

    count = 0
    envelope = len(json.dumps(ask(application) | {"isBase64Encoded": kind == "image/png"}))
    count = (6_291_556 - envelope) // written + over
    answer = ask(application)
    assert answer["statusCode"] == (413 if over else 200)
    assert len(json.dumps(answer, ensure_ascii=False)) <= 6_291_556


@pytest.mark.parametrize("body", ["%%%", "YQ", "ä"])
def test_a_body_that_is_not_base64_is_an_error_and_not_an_empty_request(body: str) -> None:
    event = build.http_v2(method="POST") | {"body": body, "isBase64Encoded": True}
    assert Adapter(WSGI(echo)).respond(event, v2)["statusCode"] == 400
