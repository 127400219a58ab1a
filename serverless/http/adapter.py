"""The WSGI adapter: calls an application with an event, whatever the event's shape."""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from serverless.conf import conf
from serverless.http import origin
from serverless.http.converters.base import Converter
from serverless.http.messages import Response, Viewer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

__all__ = ["Adapter"]

logger = logging.getLogger("serverless.http")


@dataclass(slots=True)
class _StartResponse:
    """PEP 3333's start_response, which keeps what the application says instead of sending it."""

    status: int = 500
    headers: list[tuple[str, str]] = field(default_factory=list)

    def __call__(
        self, status: str, headers: list[tuple[str, str]], _exc_info: object = None, /
    ) -> Callable[[bytes], object]:
        self.status, self.headers = int(status[:3]), headers
        return _refuse_write


def _refuse_write(_: bytes) -> object:
    raise RuntimeError("Return the body from the application: PEP 3333's write() is for servers that stream.")


class Adapter[Event, Answer]:
    """Serves a WSGI ``application`` behind one event shape.

    Raises whatever the application raises; Django's own handler answers its errors with a 500 page.
    """

    def __init__(self, application: "WSGIApplication", converter: Converter[Event, Answer]) -> None:
        self._application = application
        self._converter = converter

    def respond(self, event: Event) -> Answer:
        """Return the answer to ``event``: the application's, or a 403 where the origin lock refuses it."""
        started = time.perf_counter()
        headers = self._converter.headers(event)
        secrets = conf().origin_secrets
        if secrets and not origin.unlocks(headers, secrets):
            response = origin.REFUSAL
        else:
            response = self._call(event, origin.viewer(headers, trusted=bool(secrets)))
        # Neither path nor query: share links carry their token in the path.
        logger.info(
            "request",
            extra={
                "method": self._converter.method(event),
                "status": response.status,
                "milliseconds": round((time.perf_counter() - started) * 1000, 1),
            },
        )
        return self._converter.response(response)

    def _call(self, event: Event, viewer: Viewer) -> Response:
        start_response = _StartResponse()
        chunks = self._application(self._converter.environ(event, viewer), start_response)
        try:
            # A status is known only once the application was iterated or returned a list: PEP 3333.
            body = _join(chunks)
        finally:
            # Django fires request_finished here, which closes stale connections.
            if close := getattr(chunks, "close", None):
                close()
        return Response(status=start_response.status, headers=tuple(start_response.headers), body=body)


def _join(chunks: Iterable[bytes]) -> bytes:
    if isinstance(chunks, Sequence) and len(chunks) == 1:
        only: bytes = chunks[0]
        return only
    return b"".join(chunks)
