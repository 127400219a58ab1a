"""Lambda's Runtime API, version 2018-06-01, as one execution environment sees it.

Each environment has its own door on its own port: the pending `next` of a process that died can then swallow no
event of another's. Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aiohttp import web

from serverless.emulator import limits

_VERSION: Final = "2018-06-01"


class Kind(StrEnum):
    """What an execution environment may tell: four by the Runtime API, and its end."""

    NEXT = "next"
    RESPONSE = "response"
    ERROR = "error"
    INIT_ERROR = "init error"
    TOO_LARGE = "response too large"
    EXIT = "exit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One message from the environment. `body`: the JSON that it posted, or how it ended."""

    kind: Kind
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event on its way to the environment. `deadline_ms` is Unix time."""

    request_id: str
    event: bytes
    deadline_ms: int
    function_arn: str
    trace_id: str


class RuntimeApi:
    """The door of one environment: signals come out through a callback, events go in through `deliver`."""

    def __init__(self, signal: Callable[[Signal], None]) -> None:
        self._signal = signal
        self._pending: asyncio.Future[Delivery] | None = None
        self._current: str | None = None
        self._open = False
        self._runner = web.ServerRunner(web.Server(self._handle, access_log=None), shutdown_timeout=0.1)

    async def start(self) -> str:
        """Listen; the value of AWS_LAMBDA_RUNTIME_API."""
        self._open = True
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        return f"{host}:{port}"

    async def stop(self) -> None:
        """Hang up; a second call does nothing."""
        if self._pending is not None:
            self._pending.cancel()
        if self._open:
            self._open = False
            await self._runner.cleanup()

    def deliver(self, delivery: Delivery) -> None:
        """Answer the pending `next`. Only after a NEXT signal."""
        if self._pending is None or self._pending.done():
            raise RuntimeError("The environment did not ask for an event.")
        self._current = delivery.request_id
        self._pending.set_result(delivery)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        match request.method, request.path.strip("/").split("/"):
            case "GET", [version, "runtime", "invocation", "next"] if version == _VERSION:
                return await self._next()
            case "GET", [version, "runtime", "restore", "next"] if version == _VERSION:
                return web.Response()  # the snapshot was taken, and this process is what came out of it
            case "POST", [version, "runtime", "init" | "restore", "error"] if version == _VERSION:
                return self._take(Kind.INIT_ERROR, await request.content.read())
            case "POST", [version, "runtime", "invocation", request_id, ("response" | "error") as kind] if (
                version == _VERSION
            ):
                return self._answer(request_id, Kind(kind), await request.content.read())
        return _refuse(404, "Unknown", f"No operation {request.method} {request.path}")

    async def _next(self) -> web.Response:
        self._pending = asyncio.get_running_loop().create_future()
        self._signal(Signal(kind=Kind.NEXT))
        delivery = await self._pending
        headers = {
            "Lambda-Runtime-Aws-Request-Id": delivery.request_id,
            "Lambda-Runtime-Deadline-Ms": str(delivery.deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": delivery.function_arn,
            "Lambda-Runtime-Trace-Id": delivery.trace_id,
        }
        return web.Response(body=delivery.event, headers=headers, content_type="application/json")

    def _answer(self, request_id: str, kind: Kind, body: bytes) -> web.Response:
        if request_id != self._current:
            return _refuse(400, "InvalidRequestID", "Invalid request ID")
        if len(body) > limits.LAMBDA_RESPONSE_BYTES:
            self._signal(Signal(kind=Kind.TOO_LARGE))
            return _refuse(413, "RequestEntityTooLarge", "Exceeded maximum allowed payload size")
        self._current = None
        return self._take(kind, body)

    def _take(self, kind: Kind, body: bytes) -> web.Response:
        self._signal(Signal(kind=kind, body=body))
        return web.json_response({"status": "OK"}, status=202)


def _refuse(status: int, kind: str, message: str) -> web.Response:
    return web.Response(
        status=status,
        body=json.dumps({"errorType": kind, "errorMessage": message}).encode(),
        content_type="application/json",
    )
