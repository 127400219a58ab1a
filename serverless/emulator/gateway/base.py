"""The port: what every front door does, and what each has to say for itself."""

import asyncio
import json
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, ClassVar

from serverless.emulator.function import Function
from serverless.emulator.gateway.answers import Malformed
from serverless.emulator.logs import Log
from serverless.emulator.messages import Headers, Request, Response, end_to_end
from serverless.emulator.results import PayloadTooLarge, Result, Throttled


class Problem(StrEnum):
    """Why a front door answers by itself, in the log's words."""

    HEADERS = "the request's headers are too large"
    BODY = "the request's body is too large: upload to S3 with a presigned request instead"
    EVENT = "the request makes an event that is larger than Lambda takes"
    PATH = "the request's path cannot be decoded"
    THROTTLED = "the function is at its concurrency"
    TIMEOUT = "the function takes longer than the front door waits"
    FAILED = "the function failed, its log says how"
    MALFORMED = "what the function returned is no response"


@dataclass(frozen=True, slots=True, kw_only=True)
class Takes:
    """The largest request that a front door hands on.

    `header_bytes`: request line and header values together; None if it is more than the CDN lets through.
    `text_types`: how the media types begin whose bodies travel as they are; all others grow by a third, as base64.
    """

    body_bytes: int
    header_bytes: int | None
    text_types: tuple[str, ...]


class Gateway(ABC):
    """Answers every request, whatever the function does. `timeout_s` stands in for the front door's own in tests."""

    name: ClassVar[str]
    takes: ClassVar[Takes]
    timeout_s: ClassVar[float | None]
    """How long it waits for the function; None is for as long as the function may run."""
    errors: ClassVar[Mapping[Problem, tuple[int, str]]]
    """Its own answers: status and message. What cannot happen behind it has none."""
    request_id_header: ClassVar[str | None] = None

    def __init__(self, function: Function, *, log: Log, timeout_s: float | None = None) -> None:
        self._function = function
        self._log = log
        self._timeout_s = timeout_s or self.timeout_s
        self._running: set[asyncio.Task[Result]] = set()

    @classmethod
    @abstractmethod
    def refusal(cls, request: Request) -> Problem | None:
        """Why this request does not reach the function, if it does not."""

    @classmethod
    @abstractmethod
    def event(cls, request: Request, *, request_id: str) -> Mapping[str, Any]:
        """The event that it sends. Raises ValueError for a path that it refuses."""

    @classmethod
    @abstractmethod
    def answer(cls, payload: bytes) -> Response:
        """What the function returned, read as this front door reads it. Raises Malformed."""

    @classmethod
    def own(cls, status: int, message: str) -> Response:
        """An answer of its own, in its own form: JSON, unless it says otherwise."""
        body = json.dumps({"message": message}, separators=(",", ":")).encode()
        return Response(status=status, headers=(("content-type", "application/json"),), body=body, by_gateway=True)

    @classmethod
    def request_id(cls) -> str:
        return str(uuid.uuid4())

    async def handle(self, request: Request) -> Response:
        """The function's response, or the front door's own error."""
        request_id = self.request_id()
        response = await self._respond(request, request_id)
        if self.request_id_header is None:
            return response
        return replace(response, headers=(*response.headers, (self.request_id_header, request_id)))

    def refuse(self, problem: Problem, details: str = "") -> Response:
        """Its own answer to `problem`, which is noted in the log."""
        status, message = self.errors[problem]
        self._log(f"{status}: {problem}{details and f' ({details})'}")
        return self.own(status, message)

    async def _respond(self, request: Request, request_id: str) -> Response:
        if problem := self.refusal(request):
            return self.refuse(problem)
        try:
            event = self.event(request, request_id=request_id)
        except ValueError:
            return self.refuse(Problem.PATH)
        return await self._integrate(event)

    async def _integrate(self, event: Mapping[str, Any]) -> Response:
        # A task of its own: when the gateway has given up waiting, the function still runs to its end.
        task = asyncio.create_task(self._function.invoke(event))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        done, _ = await asyncio.wait({task}, timeout=self._timeout_s)
        if not done:
            task.add_done_callback(lambda late: late.cancelled() or late.exception())
            return self.refuse(Problem.TIMEOUT)
        try:
            result = task.result()
            return self.refuse(Problem.FAILED) if result.failure else self.answer(result.payload)
        except PayloadTooLarge:
            return self.refuse(Problem.EVENT)
        except Throttled:
            return self.refuse(Problem.THROTTLED)
        except Malformed as malformed:
            return self.refuse(Problem.MALFORMED, str(malformed))


def forwarded(request: Request, *, host: str) -> Headers:
    """The headers that go into the event: the request's, and those that every front door adds or replaces."""
    claimed = [value for name, value in request.headers if name.lower() == "x-forwarded-for"]
    replaced = {"host", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto", "x-amzn-trace-id"}
    return (
        *((name, value) for name, value in end_to_end(request.headers) if name.lower() not in replaced),
        ("Host", host),
        ("X-Forwarded-For", ", ".join([*claimed, request.address])),
        ("X-Forwarded-Port", "443"),
        ("X-Forwarded-Proto", "https"),
        ("X-Amzn-Trace-Id", f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]}"),
    )
