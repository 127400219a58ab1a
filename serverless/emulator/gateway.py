"""API Gateway, HTTP API with one `$default` route: a request becomes a payload 2.0 event, a result becomes a response.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import asyncio
import base64
import json
import time
import uuid
from datetime import UTC, datetime
from typing import Any, Final

from serverless.emulator import limits
from serverless.emulator.function import Function
from serverless.emulator.messages import Headers, Request, Response, end_to_end
from serverless.emulator.results import PayloadTooLarge, Result, Throttled
from serverless.events import build
from serverless.events.types import HttpV2Event

DOMAIN: Final = "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"


class Gateway:
    """Answers every request, whatever the function does."""

    def __init__(self, function: Function, *, timeout_s: float = limits.GATEWAY_TIMEOUT) -> None:
        self._function = function
        self._timeout_s = timeout_s
        self._running: set[asyncio.Task[Result]] = set()

    async def handle(self, request: Request) -> Response:
        """The function's response, or the gateway's own error."""
        if _header_bytes(request) > limits.GATEWAY_HEADER_BYTES:
            return _error(431, "Request Header Fields Too Large")
        if len(request.body) > limits.GATEWAY_BODY_BYTES:
            return _error(413, "Request Entity Too Large")
        request_id = base64.b64encode(uuid.uuid4().bytes[:11]).decode()
        try:
            event = build_event(request, request_id=request_id)
        except ValueError:
            return _error(400, "Bad Request")
        response = await self._integrate(event)
        return Response(
            status=response.status,
            headers=(*response.headers, ("apigw-requestid", request_id)),
            body=response.body,
        )

    async def _integrate(self, event: HttpV2Event) -> Response:
        # A task of its own: when the gateway has given up waiting, the function still runs to its end.
        task = asyncio.create_task(self._function.invoke(event))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        done, _ = await asyncio.wait({task}, timeout=self._timeout_s)
        if not done:
            task.add_done_callback(lambda late: late.cancelled() or late.exception())
            return _error(503, "Service Unavailable")
        try:
            result = task.result()
        except PayloadTooLarge:
            return _error(413, "Request Entity Too Large")
        except Throttled:
            # AWS documents no status for a throttled function behind an HTTP API; 503 is what callers report.
            return _error(503, "Service Unavailable")
        return _error(500, "Internal Server Error") if result.failure else parse_response(result.payload)


def build_event(request: Request, *, request_id: str) -> HttpV2Event:
    """The event as HTTP API sends it. Raises ValueError for a path that the API refuses: see build.http_api_path."""
    path, _, query = request.target.partition("?")
    forwarded = [value for name, value in request.headers if name.lower() == "x-forwarded-for"]
    replaced = {"host", "x-forwarded-for"}
    headers = (
        *((name, value) for name, value in end_to_end(request.headers) if name.lower() not in replaced),
        ("host", DOMAIN),
        ("x-forwarded-for", ", ".join([*forwarded, request.address])),
        ("x-forwarded-port", "443"),
        ("x-forwarded-proto", "https"),
        ("x-amzn-trace-id", f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]}"),
    )
    return build.http_v2(
        method=request.method,
        raw_path=build.http_api_path(path),
        raw_query=query,
        headers=headers,
        body=request.body or None,
        source_ip=request.address,
        request_id=request_id,
        domain_name=DOMAIN,
        time=datetime.now(UTC),
    )


def parse_response(payload: bytes) -> Response:
    """What the function returned, read as HTTP API reads it; a malformed response is a 500."""
    try:
        answer = json.loads(payload)
        if not isinstance(answer, dict) or "statusCode" not in answer:
            # Valid JSON without a statusCode is itself the body of a 200.
            return Response(status=200, headers=(("content-type", "application/json"),), body=payload)
        return Response(status=_status(answer), headers=_headers(answer), body=_body(answer))
    except (ValueError, TypeError, AttributeError):
        return _error(500, "Internal Server Error")


def _status(answer: dict[str, Any]) -> int:
    status = int(answer["statusCode"])
    if not 100 <= status <= 599:
        raise ValueError(status)
    return status


def _headers(answer: dict[str, Any]) -> Headers:
    given = tuple((name, _text(value)) for name, value in (answer.get("headers") or {}).items())
    if not any(name.lower() == "content-type" for name, _ in given):
        given = (*given, ("content-type", "text/plain;charset=UTF-8"))
    cookies = tuple(("set-cookie", _text(cookie)) for cookie in answer.get("cookies") or ())
    if any("\n" in value or "\r" in value for _, value in (*given, *cookies)):
        raise ValueError("a line break in a header")
    return (*end_to_end(given), *cookies)


def _text(value: object) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _body(answer: dict[str, Any]) -> bytes:
    body = answer.get("body") or ""
    if not isinstance(body, str):
        raise TypeError(body)
    return base64.b64decode(body, validate=True) if answer.get("isBase64Encoded") else body.encode()


def _header_bytes(request: Request) -> int:
    line = len(request.method) + len(request.target) + len("  HTTP/1.1")
    return line + sum(len(value.encode()) for _, value in request.headers)


def _error(status: int, message: str) -> Response:
    body = json.dumps({"message": message}, separators=(",", ":")).encode()
    return Response(status=status, headers=(("content-type", "application/json"),), body=body)
