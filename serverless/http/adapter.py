"""The adapter: answers an event of any shape through an interface, WSGI or ASGI."""

import logging
import time
from collections.abc import Callable
from dataclasses import replace

from serverless.conf import conf
from serverless.http import origin
from serverless.http.converters.base import Converter
from serverless.http.messages import Request, Response, Viewer

__all__ = ["Adapter", "Interface"]

logger = logging.getLogger("serverless.http")

type Interface = Callable[[Request, Viewer], Response]

_NO_CONTENT = 204
_BODYLESS = frozenset({_NO_CONTENT, 304})


class Adapter:
    """Serves the application behind ``interface``.

    Raises whatever the application raises; Django's own handlers answer its errors with a 500 page.
    """

    def __init__(self, interface: Interface) -> None:
        self._interface = interface

    def respond[Event, Answer](self, event: Event, converter: Converter[Event, Answer]) -> Answer:
        """Return the answer to ``event``: the application's, or a 403 where the origin lock refuses it."""
        started = time.perf_counter()
        request = converter.request(event)
        secrets = conf().origin_secrets
        if secrets and not origin.unlocks(request.headers, secrets):
            response = origin.REFUSAL
        else:
            response = self._interface(request, origin.viewer(request.headers, trusted=bool(secrets)))
        if logger.isEnabledFor(logging.INFO):
            # Neither path nor query: share links carry their token in the path.
            milliseconds = round((time.perf_counter() - started) * 1000, 1)
            said = {"method": request.method, "status": response.status, "milliseconds": milliseconds}
            logger.info("request", extra=said)
        if request.method == "HEAD" or response.status in _BODYLESS:
            response = _without_body(response)
        return converter.answer(response, event)


def _without_body(response: Response) -> Response:
    """Return the response as a server sends it that may not send a body: RFC 9110, sections 8.6, 9.3.2 and 15."""
    headers = response.headers
    if response.status == _NO_CONTENT:
        headers = tuple((name, value) for name, value in headers if name.lower() != "content-length")
    return replace(response, headers=headers, body=b"")
