"""The WSGI interface: calls an application with a request, and closes what it returns."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from serverless.http.environ import build_environ
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
    """Serves a WSGI ``application``.

    Raises whatever the application raises; Django's own handler answers its errors with a 500 page.
    """

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application

    def __call__(self, request: Request, viewer: Viewer) -> Response:
        start_response = _StartResponse()
        chunks = self._application(build_environ(request, viewer), start_response)
        try:
            # A status is known only once the application was iterated or returned a list: PEP 3333.
            body = b"".join(chunks)
        finally:
            # Django fires request_finished here, which closes stale connections.
            if close := getattr(chunks, "close", None):
                close()
        code, _, reason = start_response.status.partition(" ")
        return Response(status=int(code), reason=reason, headers=start_response.headers, body=body)
