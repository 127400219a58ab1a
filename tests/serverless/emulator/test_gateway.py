import asyncio
import base64
import json
from typing import Any

import pytest

from serverless.emulator import limits
from serverless.emulator.gateway import DOMAIN, Gateway, build_event, parse_response
from serverless.emulator.messages import Headers, Request, Response
from tests.serverless.emulator.support import function_config, in_loop, running


def request(
    target: str = "/event", *, method: str = "GET", headers: Headers = (), body: bytes = b"", address: str = "192.0.2.1"
) -> Request:
    return Request(method=method, target=target, headers=headers, body=body, address=address)


def event(target: str = "/event", **options: Any) -> dict[str, Any]:
    return dict(build_event(request(target, **options), request_id="r"))


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
            ("Connection", "keep-alive, X-Once"),
            ("X-Once", "no"),
            ("X-Forwarded-For", "198.51.100.9"),
            ("X-Forwarded-For", "198.51.100.10"),
        )
    )
    headers = built["headers"]
    assert headers["host"] == built["requestContext"]["domainName"] == DOMAIN
    assert headers["accept"] == "text/html,image/avif"
    assert built["cookies"] == ["a=1", "b=2", "c=3"]
    assert headers["x-forwarded-for"] == "198.51.100.9, 198.51.100.10, 192.0.2.1"
    assert built["requestContext"]["http"]["sourceIp"] == "192.0.2.1"
    assert headers.keys().isdisjoint({"connection", "x-once", "cookie"})


def test_binary_bodies_are_encoded_and_text_is_not() -> None:
    binary = event(method="POST", headers=(("Content-Type", "image/png"),), body=b"\x89PNG")
    assert binary["isBase64Encoded"]
    assert base64.b64decode(binary["body"]) == b"\x89PNG"
    text = event(method="POST", headers=(("Content-Type", "application/json"),), body=b'{"a": 1}')
    assert (text["isBase64Encoded"], text["body"]) == (False, '{"a": 1}')


def parsed(answer: object) -> Response:
    return parse_response(json.dumps(answer).encode())


def test_a_full_response() -> None:
    response = parsed(
        {
            "statusCode": 201,
            "headers": {"Content-Type": "image/png", "X-Count": 3, "X-Flag": True, "Transfer-Encoding": "chunked"},
            "cookies": ["a=1; Path=/", "b=2"],
            "body": base64.b64encode(b"\x89PNG").decode(),
            "isBase64Encoded": True,
        }
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
def test_json_without_a_status_is_the_body_of_a_200(answer: object) -> None:
    response = parsed(answer)
    assert (response.status, json.loads(response.body)) == (200, answer)
    assert response.headers == (("content-type", "application/json"),)


def test_a_response_without_a_type_is_text() -> None:
    assert parsed({"statusCode": "404"}) == Response(
        status=404, headers=(("content-type", "text/plain;charset=UTF-8"),), body=b""
    )


@pytest.mark.parametrize(
    "answer",
    [
        {"statusCode": "teapot"},
        {"statusCode": None},
        {"statusCode": 42},
        {"statusCode": 200, "body": {"not": "text"}},
        {"statusCode": 200, "body": "%%%", "isBase64Encoded": True},
        {"statusCode": 200, "headers": ["a"]},
        {"statusCode": 200, "cookies": 3},
        {"statusCode": 200, "headers": {"x": "a\r\nset-cookie: b"}},
    ],
)
def test_a_malformed_response_is_a_500(answer: object) -> None:
    assert parsed(answer).status == 500


def test_what_is_no_json_is_a_500() -> None:
    response = parse_response(b"{")
    assert (response.status, response.body) == (500, b'{"message":"Internal Server Error"}')


def line_and(values: int) -> Request:
    """A request whose line and header values together have this many bytes."""
    line = len("GET /event HTTP/1.1")
    return request(headers=(("X-Long-Name-That-Does-Not-Count", "v" * (values - line)),))


@in_loop
async def test_the_gateway_answers_for_the_function_in_every_case() -> None:
    async with running(function_config("handlers.web", concurrency=1)) as function:
        gateway = Gateway(function, timeout_s=0.5)
        await function.warm()
        answer = await gateway.handle(request("/event?a=b"))
        assert answer.status == 200
        assert json.loads(answer.body)["queryStringParameters"] == {"a": "b"}
        assert dict(answer.headers)["apigw-requestid"] == json.loads(answer.body)["requestContext"]["requestId"]
        assert ("cache-control", "no-store") in answer.headers

        assert (await gateway.handle(line_and(limits.GATEWAY_HEADER_BYTES))).status == 200
        assert (await gateway.handle(line_and(limits.GATEWAY_HEADER_BYTES + 1))).status == 431
        # Base64 adds a third, so that Lambda's 6 MB bind before the API's 10 MB.
        assert (await gateway.handle(request(method="POST", body=b"\xff" * 4_800_000))).status == 413
        too_large = await gateway.handle(request(method="POST", body=b"x" * (limits.GATEWAY_BODY_BYTES + 1)))
        assert (too_large.status, too_large.body) == (413, b'{"message":"Request Entity Too Large"}')

        refused = await gateway.handle(request("/100%25done"))
        assert (refused.status, refused.body) == (400, b'{"message":"Bad Request"}')

        raised = await gateway.handle(request("/raise"))
        assert (raised.status, raised.body) == (500, b'{"message":"Internal Server Error"}')

        slow = await gateway.handle(request("/sleep"))
        assert (slow.status, slow.body) == (503, b'{"message":"Service Unavailable"}')
        # The gateway gave up, the function did not: it is still at its concurrency.
        assert (await gateway.handle(request("/event"))).status == 503


@in_loop
async def test_a_visitor_who_leaves_does_not_stop_the_function() -> None:
    async with running(function_config("handlers.web", concurrency=1)) as function:
        gateway = Gateway(function)
        await function.warm()
        visit = asyncio.create_task(gateway.handle(request("/event")))
        await asyncio.sleep(0)
        visit.cancel()
        assert (await function.invoke({"rawPath": "/event"}, wait=True)).failure is None
