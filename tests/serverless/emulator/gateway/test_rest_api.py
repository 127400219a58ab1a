import base64
from typing import Any

import pytest

from serverless.emulator import limits
from serverless.emulator.gateway import Problem
from serverless.emulator.gateway.answers import Malformed
from serverless.emulator.gateway.rest_api import RestApi
from serverless.events import build
from tests.serverless.emulator.gateway.support import before, parsed, request, returning, values
from tests.serverless.emulator.support import in_loop


def event(target: str = "/event", **options: Any) -> dict[str, Any]:
    return dict(RestApi.event(request(target, **options), request_id="r"))


def test_the_path_stays_as_sent_and_the_stage_stands_in_the_context_alone() -> None:
    built = event("/a%20b%2Fc?x=%20&x=2")
    assert (built["path"], built["requestContext"]["path"]) == ("/a%20b%2Fc", "/live/a%20b%2Fc")
    assert (built["requestContext"]["stage"], built["requestContext"]["requestId"]) == ("live", "r")
    assert built["requestContext"]["domainName"] == built["headers"]["Host"] == build.API_DOMAIN
    assert built["requestContext"]["identity"]["sourceIp"] == "192.0.2.1"
    assert built["multiValueQueryStringParameters"] == {"x": [" ", "2"]}


def test_headers_are_lists_and_every_body_is_base64() -> None:
    built = event(method="POST", headers=(("Content-Type", "text/plain"), ("X-A", "1"), ("X-A", "2")), body=b"text")
    assert built["multiValueHeaders"]["X-A"] == ["1", "2"]
    assert (built["isBase64Encoded"], base64.b64decode(built["body"])) == (True, b"text")


def test_both_forms_of_headers_are_merged() -> None:
    response = parsed(
        "rest-api",
        {
            "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"], "X-A": ["1"]},
            "headers": {"set-cookie": "b=2", "x-a": "2", "Content-Type": "text/html"},
            "body": "<p>",
        },
    )
    assert response.status == 200  # which it is without a statusCode
    assert values(response, "set-cookie") == ["a=1", "b=2"]
    assert values(response, "x-a") == ["1", "2"]
    assert values(response, "content-type") == ["text/html"]


def test_headers_that_the_api_keeps_to_itself_leave_under_another_name() -> None:
    kept = {
        "WWW-Authenticate": "Basic",
        "Server": "mine",
        "Date": "today",
        "Content-Length": "9",
        "Connection": "close",
    }
    response = parsed("rest-api", {"statusCode": 401, "headers": kept})
    assert response.headers == (
        ("x-amzn-Remapped-WWW-Authenticate", "Basic"),
        ("x-amzn-Remapped-Server", "mine"),
        ("x-amzn-Remapped-Date", "today"),
        ("x-amzn-Remapped-Content-Length", "9"),
        ("content-type", "application/json"),
    )


def test_request_headers_to_the_byte_without_the_line() -> None:
    for more, problem in ((0, None), (1, Problem.HEADERS)):
        value = "v" * (limits.REST_API_HEADER_BYTES + more)
        assert RestApi.refusal(request(f"/{'p' * 500}", headers=(("X-Long", value),))) is problem


def test_answer_headers_to_the_byte() -> None:
    def answer(size: int) -> dict[str, Any]:
        room = size - len("text/html")
        return {"headers": {"Content-Type": "text/html"}, "multiValueHeaders": {"X-Long": ["v" * (room - 1), "v"]}}

    assert parsed("rest-api", answer(limits.REST_API_HEADER_BYTES)).status == 200
    with pytest.raises(Malformed, match="header values of 10241 bytes"):
        parsed("rest-api", answer(limits.REST_API_HEADER_BYTES + 1))


@in_loop
async def test_its_own_answers() -> None:
    async with before("rest-api", timeout_s=0.3) as gateway:
        large = await gateway.handle(request(headers=(("X-Long", "v" * (limits.REST_API_HEADER_BYTES + 1)),)))
        assert (large.status, large.by_gateway) == (431, True)
        heavy = await gateway.handle(returning({"statusCode": 200, "headers": {"X-Long": "v" * 10_241}}))
        assert (heavy.status, heavy.body) == (502, b'{"message":"Internal server error"}')
        late = await gateway.handle(request("/sleep"))
        assert (late.status, late.body) == (504, b'{"message":"Endpoint request timed out"}')
