"""Events that no event source sends, by hand; test_fuzz.py makes them up."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.serverless.http.shapes import SHAPES, Shape
from tests.serverless.http.wsgi import WSGI

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def never(_: "WSGIEnvironment", __: "StartResponse") -> list[bytes]:
    raise AssertionError("the application was called")


def changed(event: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(event))
    *parents, last = path.split(".")
    place = copy
    for name in parents:
        place = place[name]
    if value is DELETED:
        del place[last]
    else:
        place[last] = value
    return copy


DELETED = object()
REQUEST = {
    "method": "POST",
    "raw_path": "/a",
    "raw_query": "a=1",
    "headers": [("host", "h"), ("cookie", "a=1; b=2")],
    "body": b"\xff",
}
BROKEN: dict[str, list[tuple[str, object]]] = {
    "http-v2": [
        ("rawPath", "no-slash"), ("rawPath", ""), ("requestContext.http.method", "G T"),
        ("requestContext.http.method", ""), ("requestContext.http.method", None), ("requestContext.http", {}),
        ("requestContext.http.sourceIp", 7), ("requestContext.stage", DELETED), ("headers.host", ["h"]),
        ("headers.host", None), ("headers.x-a", "1\r\nx-b: 2"), ("headers.x-a", "\0"), ("headers.x a", "1"),
        ("headers.", "1"), ("cookies", "a=1"), ("cookies", [1]), ("cookies", {"a": "1"}), ("body", 7), ("body", ["a"]),
        ("body", {}), ("isBase64Encoded", "true"), ("isBase64Encoded", None), ("body", "%%%"), ("body", "YQ"),
        ("body", "ä"),
    ],
    "function-url": [("rawPath", "no-slash"), ("isBase64Encoded", 1), ("body", "%%%")],
    "http-v1": [
        ("path", "no-slash"), ("httpMethod", "\n"), ("multiValueHeaders", []), ("multiValueHeaders.host", "h"),
        ("multiValueHeaders.host", [7]), ("multiValueHeaders.host", [["h"]]),
        ("multiValueHeaders.x-a", ["1", "2\n"]), ("multiValueQueryStringParameters", "a=1"),
        ("multiValueQueryStringParameters.a", "1"), ("multiValueQueryStringParameters.a", [1]),
        ("requestContext.identity", {}), ("pathParameters", ["a"]), ("pathParameters.proxy", 7), ("body", 7),
        ("body", DELETED), ("isBase64Encoded", "false"), ("body", "YQ"),
    ],
    "alb": [
        ("path", "no-slash"), ("httpMethod", "G T"), ("headers", ["host"]), ("headers.host", 7),
        ("queryStringParameters", "a=1"), ("queryStringParameters.a", 1), ("body", []), ("isBase64Encoded", 0),
        ("body", "YQ"),
    ],
    "alb-multi-value": [
        ("multiValueHeaders.host", "h"), ("multiValueHeaders.host", None), ("multiValueQueryStringParameters", []),
        ("multiValueQueryStringParameters.a", "1"), ("multiValueQueryStringParameters.a", [None]),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [(name, path, value) for name, cases in BROKEN.items() for path, value in cases],
)
def test_a_malformed_event_is_a_400_and_reaches_no_view(name: str, path: str, value: object) -> None:
    shape = SHAPES[name]
    broken = Shape(build=lambda: changed(shape.build(**REQUEST), path, value), converter=shape.converter)
    answer = broken.ask(WSGI(never))
    assert answer["statusCode"] == 400
    assert json.loads(answer["body"])["title"] == "Bad Request"


def test_names_of_strangers_do_not_fill_the_memory() -> None:
    from serverless.http import wellformed

    for number in range(600):
        SHAPES["http-v2"].ask(WSGI(accepting), headers=[(f"x-{number}", "1")])
    assert len(wellformed._KNOWN) <= 512
    # Beyond what is remembered, names are judged all the same.
    answer = SHAPES["http-v2"].ask(WSGI(never), headers=[("x y", "1")])
    assert answer["statusCode"] == 400


def accepting(_: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
    start_response("200 OK", [])
    return [b""]
