import base64
import json
from typing import Any

import pytest

from serverless.emulator import limits
from serverless.emulator.gateway import Problem
from serverless.emulator.gateway.answers import Malformed
from serverless.emulator.gateway.http_api import HttpApi
from serverless.emulator.messages import Response
from serverless.events import build
from tests.serverless.emulator.gateway.support import before, parsed, request, returning
from tests.serverless.emulator.support import in_loop


def event(target: str = "/event", **options: Any) -> dict[str, Any]:
    return dict(HttpApi.event(request(target, **options), request_id="r"))


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/a/b?x=1&y=%20", "/a/b", "x=1&y=%20"),
        ("/a%20b%2Fc", "/a b/c", ""),
        ("/caf%C3%A9", "/café", ""),
        ("/a%3Fb/c?d=e", "/a", "d=e"),  # the API takes a decoded ? for the end of the path
        ("/100%2525", "/100%", ""),  # decoded twice
        ("/a%253Fb", "/a?b", ""),  # but cut in between
        ("/a+b", "/a+b", ""),
        ("/%FF", "/\ufffd", ""),
        ("/?a?b", "/", "a?b"),
    ],
)
def test_the_path_arrives_decoded_and_the_query_as_sent(target: str, path: str, query: str) -> None:
    built = event(target)
    assert (built["rawPath"], built["rawQueryString"]) == (path, query)
    assert built["requestContext"]["http"]["path"] == path


def test_headers_are_joined_cookies_split_and_the_host_is_the_apis_own() -> None:
    built = event(
        headers=(
            ("Host", "photos.example"),
            ("Accept", "text/html"),
            ("accept", "image/avif"),
            ("Cookie", "a=1; b=2"),
            ("Cookie", "c=3"),
        )
    )
    headers = built["headers"]
    assert headers["host"] == built["requestContext"]["domainName"] == build.API_DOMAIN
    assert headers["accept"] == "text/html,image/avif"
    assert built["cookies"] == ["a=1", "b=2", "c=3"]
    assert headers["x-forwarded-for"] == "192.0.2.1"
    assert built["requestContext"]["http"]["sourceIp"] == "192.0.2.1"
    assert "cookie" not in headers


def test_binary_bodies_are_encoded_and_text_is_not() -> None:
    binary = event(method="POST", headers=(("Content-Type", "image/png"),), body=b"\x89PNG")
    assert binary["isBase64Encoded"]
    assert base64.b64decode(binary["body"]) == b"\x89PNG"
    text = event(method="POST", headers=(("Content-Type", "application/json"),), body=b'{"a": 1}')
    assert (text["isBase64Encoded"], text["body"]) == (False, '{"a": 1}')


def test_a_full_response() -> None:
    response = parsed(
        "http-api",
        {
            "statusCode": 201,
            "headers": {"Content-Type": "image/png", "X-Count": 3, "X-Flag": True, "Transfer-Encoding": "chunked"},
            "cookies": ["a=1; Path=/", "b=2"],
            "body": base64.b64encode(b"\x89PNG").decode(),
            "isBase64Encoded": True,
        },
    )
    assert response.status == 201
    assert response.body == b"\x89PNG"
    assert response.headers == (
        ("Content-Type", "image/png"),
        ("X-Count", "3"),
        ("X-Flag", "true"),
        ("set-cookie", "a=1; Path=/"),
        ("set-cookie", "b=2"),
    )


@pytest.mark.parametrize("answer", ["Hello", {"message": "Hello"}, [1, 2], None, 7])
@pytest.mark.parametrize("gateway", ["http-api", "function-url"])
def test_json_without_a_status_is_the_body_of_a_200(gateway: str, answer: object) -> None:
    response = parsed(gateway, answer)
    assert (response.status, json.loads(response.body)) == (200, answer)
    assert response.headers == (("content-type", "application/json"),)


def test_a_response_without_a_type_is_text() -> None:
    assert parsed("http-api", {"statusCode": "404"}) == Response(
        status=404, headers=(("content-type", "text/plain;charset=UTF-8"),), body=b""
    )


def line_and(values: int) -> dict[str, Any]:
    """Options of a request whose line and header values together have this many bytes."""
    line = len("GET /event HTTP/1.1")
    return {"headers": (("X-Long-Name-That-Does-Not-Count", "v" * (values - line)),)}


def test_request_headers_to_the_byte() -> None:
    assert HttpApi.refusal(request(**line_and(limits.HTTP_API_HEADER_BYTES))) is None
    assert HttpApi.refusal(request(**line_and(limits.HTTP_API_HEADER_BYTES + 1))) is Problem.HEADERS


def test_answer_headers_to_the_byte() -> None:
    kind, cookie = "text/html", "a=1"
    room = limits.HTTP_API_HEADER_BYTES - len(kind) - len(cookie)
    answer = {"statusCode": 200, "headers": {"Content-Type": kind, "X-Long": "v" * room}, "cookies": [cookie]}
    assert parsed("http-api", answer).status == 200
    with pytest.raises(Malformed, match="header values of 10241 bytes, 10240 at most"):
        parsed("http-api", answer | {"cookies": [f"{cookie}1"]})


@in_loop
async def test_what_the_api_refuses_by_itself() -> None:
    log: list[str] = []
    async with before("http-api", log=log) as gateway:
        large = await gateway.handle(request(**line_and(limits.HTTP_API_HEADER_BYTES + 1)))
        assert (large.status, large.body) == (431, b'{"message":"Request Header Fields Too Large"}')
        long = await gateway.handle(request(method="POST", body=b"x" * (limits.HTTP_API_BODY_BYTES + 1)))
        assert (long.status, long.body) == (413, b'{"message":"Request Entity Too Large"}')
        broken = await gateway.handle(request("/100%25done"))
        assert (broken.status, broken.body) == (400, b'{"message":"Bad Request"}')
        heavy = await gateway.handle(returning({"statusCode": 200, "headers": {"X-Long": "v" * 10_241}}))
        assert (heavy.status, heavy.by_gateway) == (500, True)
    assert not any("START" in line for line in log[:3])
