"""The WSGI interface: calls an application with a request, and closes what it returns."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from serverless.http.environ import build_environ
from serverless.http.limits import bounded
from serverless.http.messages import Request, Response, Viewer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

__all__ = ["WSGI", "RoutingHandler"]

_ROUTE = "serverless.route"


class RoutingHandler(WSGIHandler):
    """Django's handler, which leaves the route of a request in its environ: the pattern, for the log."""

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        response = super().get_response(request)
        if (match := request.resolver_match) is not None:
            request.META[_ROUTE] = match.route
        return response


class _StartResponse:
    """PEP 3333's start_response, which keeps what the application says instead of sending it."""

    __slots__ = ("headers", "status")

    status: str
    headers: list[tuple[str, str]]

    def __call__(
        self, status: str, headers: list[tuple[str, str]], _exc_info: object = None, /
    ) -> Callable[[bytes], object]:
        self.status, self.headers = status, headers
        return _refuse_write


def _refuse_write(_: bytes) -> object:
    raise RuntimeError("Return the body from the application: PEP 3333's write() is for servers that stream.")


class WSGI:
    """Serves a WSGI ``application``. Raises whatever the application raises, and ResponseTooLarge."""

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application

    def __call__(self, request: Request, viewer: Viewer) -> Response:
        start_response = _StartResponse()
        environ = build_environ(request, viewer)
        try:
            chunks = self._application(environ, start_response)
        except BaseException:
            # Without a response nobody closes one, and receivers would wait for the end of this request for ever.
            request_finished.send(sender=type(self._application))
            raise
        try:
            # A status is known only once the application was iterated or returned a list: PEP 3333.
            parts = list(bounded(chunks))
        finally:
            # Django fires request_finished here, which closes stale connections.
            if close := getattr(chunks, "close", None):
                close()
        body = parts[0] if len(parts) == 1 else b"".join(parts)
        code, _, reason = start_response.status.partition(" ")
        return Response(
            status=int(code), reason=reason, headers=start_response.headers, body=body, route=environ.get(_ROUTE)
        )
