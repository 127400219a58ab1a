"""An interface to any WSGI application, for what is to be tried on the adapter without Django in the way."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.core.signals import request_finished

from serverless.http.environ import build_environ
from serverless.http.limits import bounded
from serverless.http.messages import Request, Response, Viewer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

__all__ = ["WSGI"]


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
            request_finished.send(sender=type(self._application))
            raise
        try:
            # A status is known only once the application was iterated or returned a list: PEP 3333.
            body = b"".join(bounded(chunks))
        finally:
            # Django fires request_finished here, which closes stale connections.
            if close := getattr(chunks, "close", None):
                close()
        code, _, reason = start_response.status.partition(" ")
        return Response(status=int(code), reason=reason, headers=start_response.headers, body=body)
