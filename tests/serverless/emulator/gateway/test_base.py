"""What holds for every front door, before real execution environments."""

import asyncio
import json
from typing import Any

import pytest

from serverless.emulator import limits
from serverless.emulator.config import FRONT_DOORS
from serverless.emulator.gateway import GATEWAYS, Problem
from serverless.emulator.gateway.base import forwarded
from serverless.events import Kind, kind
from tests.serverless.emulator.gateway.support import before, request, returning, values
from tests.serverless.emulator.support import function_config, in_loop, running

KINDS = {
    "http-api": Kind.HTTP_V2,
    "rest-api": Kind.HTTP_V1,
    "alb": Kind.ALB,
    "alb-multi-value": Kind.ALB,
    "function-url": Kind.FUNCTION_URL,
}
_BAD_GATEWAY = b"".join(
    b"%s\r\n" % line
    for line in (
        b"<html>",
        b"<head><title>502 Bad Gateway</title></head>",
        b"<body>",
        b"<center><h1>502 Bad Gateway</h1></center>",
        b"</body>",
        b"</html>",
    )
)
FAILED = {
    "http-api": (500, b'{"message":"Internal Server Error"}'),
    "rest-api": (502, b'{"message":"Internal server error"}'),
    "alb": (502, _BAD_GATEWAY),
    "alb-multi-value": (502, _BAD_GATEWAY),
    "function-url": (502, b"Internal Server Error"),
}
THROTTLED = {"http-api": 503, "rest-api": 500, "alb": 502, "alb-multi-value": 502, "function-url": 429}
LATE = {"http-api": 503, "rest-api": 504, "alb": 504, "alb-multi-value": 504}
every_front_door = pytest.mark.parametrize("name", GATEWAYS)


def test_the_configuration_knows_the_same_front_doors() -> None:
    assert tuple(GATEWAYS) == FRONT_DOORS


@every_front_door
@in_loop
async def test_the_function_gets_the_event_and_the_visitor_its_answer(name: str) -> None:
    async with before(name) as gateway:
        asked = request("/event?a=b", headers=(("Cookie", "a=1; b=2"), ("X-One", "1")))
        response = await gateway.handle(asked)
        assert (response.status, response.by_gateway) == (200, False)
        event = json.loads(response.body)
        assert kind(event) is KINDS[name]
        if gateway.request_id_header:
            assert values(response, gateway.request_id_header) == [event["requestContext"]["requestId"]]


@every_front_door
@in_loop
async def test_the_front_door_answers_for_a_function_that_does_not(name: str) -> None:
    log: list[str] = []
    async with before(name, log=log) as gateway:
        for asked in (request("/raise"), returning({"statusCode": 42}), returning({"statusCode": 200, "body": 1})):
            response = await gateway.handle(asked)
            assert (response.status, response.body, response.by_gateway) == (*FAILED[name], True)
    status = FAILED[name][0]
    assert f"{status}: the function failed, its log says how" in log
    assert f"{status}: what the function returned is no response (statusCode is 42)" in log


@every_front_door
@in_loop
async def test_a_function_at_its_concurrency(name: str) -> None:
    async with before(name) as gateway:
        busy = asyncio.create_task(gateway.handle(request("/sleep")))
        await asyncio.sleep(0.1)
        response = await gateway.handle(request())
        assert (response.status, response.by_gateway) == (THROTTLED[name], True)
        busy.cancel()


@pytest.mark.parametrize("name", LATE)
@in_loop
async def test_the_front_door_gives_up_and_the_function_does_not(name: str) -> None:
    log: list[str] = []
    async with before(name, timeout_s=0.3, log=log) as gateway:
        late = await gateway.handle(request("/sleep"))
        assert (late.status, late.by_gateway) == (LATE[name], True)
        await gateway.handle(request())
    assert f"{LATE[name]}: {Problem.TIMEOUT}" in log
    assert f"{THROTTLED[name]}: {Problem.THROTTLED}" in log  # it is still at its concurrency


def test_how_long_each_waits() -> None:
    waits = {name: gateway.timeout_s for name, gateway in GATEWAYS.items()}
    assert waits == {"http-api": 30, "rest-api": 29, "alb": 60, "alb-multi-value": 60, "function-url": None}


@in_loop
async def test_a_function_url_waits_as_long_as_the_function_may_run() -> None:
    async with running(function_config("handlers.web", timeout_s=0.5)) as function:
        gateway = GATEWAYS["function-url"](function, log=print)
        assert (await gateway.handle(request("/sleep"))).status == 502


@pytest.mark.parametrize(
    ("name", "body"),
    [
        # Base64 adds a third, so that Lambda's 6 MB bind before the 10 MB of API Gateway.
        ("http-api", b"\xff" * 4_800_000),
        ("rest-api", b"\xff" * 4_800_000),
        ("function-url", b"\xff" * 4_800_000),
        # JSON writes each of these in six characters.
        ("alb", b"\x01" * limits.ALB_BODY_BYTES),
        ("alb-multi-value", b"\x01" * limits.ALB_BODY_BYTES),
    ],
)
@in_loop
async def test_an_event_that_lambda_does_not_take(name: str, body: bytes) -> None:
    log: list[str] = []
    kind = "application/octet-stream" if body[0] == 255 else "text/plain"
    async with before(name, log=log) as gateway:
        response = await gateway.handle(request(method="POST", headers=(("Content-Type", kind),), body=body))
    assert (response.status, response.by_gateway) == (413, True)
    assert f"413: {Problem.EVENT}" in log


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("http-api", limits.HTTP_API_BODY_BYTES),
        ("rest-api", limits.REST_API_BODY_BYTES),
        ("alb", limits.ALB_BODY_BYTES),
        ("alb-multi-value", limits.ALB_BODY_BYTES),
        ("function-url", limits.LAMBDA_REQUEST_BYTES),
    ],
)
def test_the_longest_body_to_the_byte(name: str, most: int) -> None:
    gateway = GATEWAYS[name]
    assert gateway.takes.body_bytes == most
    assert gateway.refusal(request(method="POST", body=b"x" * most)) is None
    assert gateway.refusal(request(method="POST", body=b"x" * (most + 1))) is Problem.BODY
    assert gateway.errors[Problem.BODY][0] == 413


@in_loop
async def test_a_visitor_who_leaves_does_not_stop_the_function() -> None:
    log: list[str] = []
    async with before("http-api", log=log) as gateway:
        visit = asyncio.create_task(gateway.handle(request("/sleep")))
        await asyncio.sleep(0.1)
        visit.cancel()
        await asyncio.wait({visit})
        await gateway.handle(request())
    assert f"503: {Problem.THROTTLED}" in log  # by the visit that nobody waits for


def test_headers_are_end_to_end_and_say_who_connected() -> None:
    given = (
        ("Host", "photos.example"),
        ("Connection", "keep-alive, X-Once"),
        ("X-Once", "no"),
        ("X-Forwarded-For", "198.51.100.9"),
        ("X-Forwarded-For", "198.51.100.10"),
        ("X-Forwarded-Proto", "http"),
        ("X-Amzn-Trace-Id", "Root=1-claimed"),
    )
    headers: dict[str, Any] = dict(forwarded(request(headers=given), host="origin.example"))
    assert headers.pop("X-Amzn-Trace-Id").startswith("Root=1-6")
    assert headers == {
        "Host": "origin.example",
        "X-Forwarded-For": "198.51.100.9, 198.51.100.10, 192.0.2.1",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
    }
