"""The adapter: answers an event of any shape through an interface, WSGI or ASGI, and raises nothing.

converter.request -> check -> origin lock -> interface, within the deadline -> converter.answer -> limits -> log
"""

import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from serverless import context, queries, runtime
from serverless.conf import conf
from serverless.connections import abandon
from serverless.context import Invocation
from serverless.deadline import MARGIN_S, Deadline, DeadlineExceeded
from serverless.http import origin
from serverless.http.converters.base import Converter
from serverless.http.exceptions import MalformedEvent, ResponseTooLarge
from serverless.http.limits import Limits, exceeded
from serverless.http.messages import Request, Response, Viewer
from serverless.http.refusals import refusal
from serverless.http.wellformed import check
from serverless.meter import Mark, Meter

__all__ = ["Adapter", "Interface"]

logger = logging.getLogger("serverless.http")

type Interface = Callable[[Request, Viewer], Response]

_NO_CONTENT: Final = 204
_BODYLESS: Final = frozenset({_NO_CONTENT, 304})
_HINTS: Final = {
    413: "Put the file into S3 and redirect to a signed URL (serverless.storage), or send it in pages.",
    431: "Set fewer or smaller cookies, and keep what they hold in the session.",
    503: "Move the work into a task, or raise the function's timeout: API Gateway waits 29 s (REST) or 30 s (HTTP).",
}


class Adapter:
    """Serves the application behind ``interface``; ``deadline`` ends requests before Lambda ends the environment.

    ``meter`` says what a request came to: in the line of the log that each of them has, or in one of its own where
    LOG_LEVEL leaves that out.
    """

    def __init__(self, interface: Interface, *, deadline: Deadline | None = None, meter: Meter | None = None) -> None:
        self._interface = interface
        self._deadline = deadline
        self._meter = meter or Meter()

    def respond[Event, Answer](self, event: Event, converter: Converter[Event, Answer]) -> Answer:
        """Return the answer to ``event``: the application's, or one of our own where it could give none."""
        started, mark = time.perf_counter(), Mark()
        try:
            request = _read(event, converter)
        except MalformedEvent as problem:
            logger.warning("malformed event", extra={"problem": str(problem)})
            method, response = None, refusal(400, accept="")
            answer = converter.answer(response, event)
        else:
            method = request.method
            response, answer = self._answer(request, event, converter)
        self._report(mark, method, response, seconds=time.perf_counter() - started)
        return answer

    def _report(self, mark: Mark, method: str | None, response: Response, *, seconds: float) -> None:
        cold = self._meter.cold
        metrics = self._meter.of_request(mark, seconds=seconds, status=response.status)
        if not logger.isEnabledFor(logging.INFO):
            self._meter.write(metrics)
            return
        # Neither path nor query: share links carry their token in the path.
        fields = {
            "method": method,
            "route": response.route,
            "status": response.status,
            "milliseconds": round(seconds * 1000, 1),
            "cold": cold,
            "queries": queries.sent() - mark.sent,
            **metrics,
        }
        # As logger.info does, which looks for its caller first, 3 us: factories, filters and handlers all see it.
        logger.handle(logger.makeRecord(logger.name, logging.INFO, __file__, 0, "request", (), None, extra=fields))

    def _answer[Event, Answer](
        self, request: Request, event: Event, converter: Converter[Event, Answer]
    ) -> tuple[Response, Answer]:
        response = self._serve(request, event, converter)
        if request.method == "HEAD" or response.status in _BODYLESS:
            response = _without_body(response)
        answer = converter.answer(response, event)
        if (status := exceeded(response, answer, converter.LIMITS)) is not None:
            logger.error("response too large", extra={"route": response.route, "hint": _HINTS[status]})
            response = replace(_refusal(status, request), route=response.route)
            answer = converter.answer(response, event)
        return response, answer

    def _serve[Event, Answer](self, request: Request, event: Event, converter: Converter[Event, Answer]) -> Response:
        secrets = conf().origin_secrets
        if secrets and not origin.unlocks(request.headers, secrets):
            return origin.REFUSAL
        viewer = origin.viewer(request.headers, trusted=bool(secrets))
        try:
            invocation = context.current()
            if self._deadline is None or invocation is None:
                return self._interface(request, viewer)
            return self._deadline.call(
                self._interface,
                request,
                viewer,
                ends_at=_end(invocation, converter.LIMITS),
                last_words=partial(_last_words, invocation.request_id, request, event, converter),
            )
        except DeadlineExceeded as late:
            logger.exception("deadline exceeded", extra={"hint": _HINTS[503]})
            abandon()
            if late.unfinished:
                runtime.end_after_answer()
            return _refusal(503, request)
        except MalformedEvent as problem:
            logger.warning("malformed event", extra={"problem": str(problem)})
            return _refusal(400, request)
        except ResponseTooLarge as problem:
            logger.error("response too large", extra={"problem": str(problem), "hint": _HINTS[413]})
            return _refusal(413, request)
        except KeyboardInterrupt:
            raise  # someone at a keyboard
        except BaseException:
            logger.exception("request failed")
            return _refusal(500, request)


def _read[Event, Answer](event: Event, converter: Converter[Event, Answer]) -> Request:
    try:
        request = converter.request(event)
    except (KeyError, TypeError, AttributeError, ValueError) as problem:
        raise MalformedEvent("The event lacks a part, or holds one in another type.") from problem
    check(request)
    return request


def _end(invocation: Invocation, limits: Limits) -> float:
    """Return until when the application may work, on ``time.monotonic()``; of very short times, half."""
    now = time.monotonic()
    left = invocation.deadline - now
    if limits.seconds is not None and limits.seconds < left:
        left = limits.seconds
    return now + (left - MARGIN_S if left > 2 * MARGIN_S else left / 2)


def _last_words[Event, Answer](
    request_id: str, request: Request, event: Event, converter: Converter[Event, Answer]
) -> None:
    """Answer in the place of a main thread that does not come back, and end with it."""
    frames = sys._current_frames()  # noqa: SLF001 - documented, underscore and all
    stack = traceback.format_stack(frames[threading.main_thread().ident or 0])
    logger.error("deadline exceeded, nothing stopped it", extra={"stack": "".join(stack), "hint": _HINTS[503]})
    runtime.answer_and_end(request_id, converter.answer(_refusal(503, request), event))


def _refusal(status: int, request: Request) -> Response:
    return refusal(status, accept=request.headers.get("accept", ""))


def _without_body(response: Response) -> Response:
    """Return the response as a server sends it that may not send a body: RFC 9110, sections 8.6, 9.3.2 and 15."""
    headers = response.headers
    if response.status == _NO_CONTENT:
        headers = tuple((name, value) for name, value in headers if name.lower() != "content-length")
    return replace(response, headers=headers, body=b"")
