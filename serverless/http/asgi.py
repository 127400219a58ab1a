"""The ASGI interface: mangum runs the application, our own converters say what was asked and what is answered.

mangum's converters decode HTTP API's paths a second time, cut non-UTF-8 paths short, believe any X-Forwarded-Proto and
answer HEAD with a body; docs/reference/conformance.md has the list. Its protocol loop is what is used here.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from http.client import responses
from typing import TYPE_CHECKING, Any, cast

from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.encoding import repercent_broken_unicode
from mangum import Mangum

from serverless.deadline import DeadlineExceeded
from serverless.http.environ import host_of, mount_of, split_host
from serverless.http.exceptions import ResponseTooLarge
from serverless.http.limits import PAYLOAD_BYTES, bounded
from serverless.http.messages import Request, Response, Viewer
from serverless.http.origin import PRIVATE_HEADERS

if TYPE_CHECKING:
    from mangum.types import LambdaConfig, LambdaContext, LambdaEvent, Scope
    from mangum.types import Response as MangumResponse

__all__ = ["ASGI", "RoutingHandler"]

_ASKED = "asked"
_CONTEXT = cast("LambdaContext", None)  # mangum only hands it on, and views have serverless.context
_ROUTE = "serverless.route"

type Application = Callable[..., Awaitable[object]]


class RoutingHandler(ASGIHandler):
    """Django's handler, which leaves the route of a request in its scope: the pattern, for the log."""

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        response = await super().get_response_async(request)
        if (match := request.resolver_match) is not None:
            cast("dict[str, Any]", cast("ASGIRequest", request).scope)[_ROUTE] = match.route
        if isinstance(response, StreamingHttpResponse) and not response.is_async:
            # Django puts the whole of it into a list before it sends the first byte.
            response.streaming_content = bounded(cast("Iterator[bytes]", response.streaming_content))
        return response


class ASGI:
    """Serves an ASGI ``application``. Raises whatever the application raises, and ResponseTooLarge."""

    def __init__(self, application: Application) -> None:
        # mangum logs each path at INFO, and paths hold the tokens of share links; what it logs at ERROR is raised here.
        logging.getLogger("mangum.http").setLevel(logging.CRITICAL)
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        self._application = application
        self._problem: BaseException | None = None
        # Without lifespan: it would start and stop the application around each request.
        self._mangum = Mangum(cast("Any", self._watched), lifespan="off", custom_handlers=[_Exchange])

    def __call__(self, request: Request, viewer: Viewer) -> Response:
        event = cast("LambdaEvent", {_ASKED: (request, viewer)})
        self._problem = None
        try:
            response = cast("Response", self._mangum(event, _CONTEXT))
            if self._problem is not None:
                raise self._problem
        except DeadlineExceeded as late:
            late.unfinished = True  # synchronous code has a thread of its own
            raise
        return response

    async def _watched(self, scope: "Scope", receive: Any, send: Any) -> None:
        """Run the application as mangum does not: remember what it raises, and stop a body without end."""
        size = 0

        async def counted(message: dict[str, Any]) -> None:
            nonlocal size
            size += len(message.get("body", b""))
            if size > PAYLOAD_BYTES:
                raise ResponseTooLarge(size)
            await send(message)

        try:
            await self._application(scope, receive, counted)
        except BaseException as problem:
            self._problem = problem
            raise

    def close(self) -> None:
        """Close the event loop. An execution environment never does: it ends with its process."""
        asyncio.set_event_loop(None)
        self._loop.close()


class _Exchange:
    """What mangum asks of a handler: the scope, the body, and what to make of the response."""

    @classmethod
    def infer(cls, event: "LambdaEvent", _context: "LambdaContext", _config: "LambdaConfig") -> bool:
        return _ASKED in event

    def __init__(self, event: "LambdaEvent", _context: "LambdaContext", _config: "LambdaConfig") -> None:
        request, viewer = cast("dict[str, tuple[Request, Viewer]]", event)[_ASKED]
        self.body = request.body()
        self.scope = _scope(request, viewer, self.body)

    def __call__(self, response: "MangumResponse") -> dict[str, Any]:
        return cast(
            "dict[str, Any]",
            Response(
                status=response["status"],
                reason=responses.get(response["status"], "Unknown Status Code"),  # ASGI has none; these are Django's
                headers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in response["headers"]),
                body=response["body"],
                route=self.scope.get(_ROUTE),
            ),
        )


def _scope(request: Request, viewer: Viewer, body: bytes) -> "Scope":
    scheme = viewer.scheme or request.scheme
    host, mount = host_of(request, viewer), mount_of(request, viewer)
    name, port = split_host(host, scheme)
    headers = [
        (name.lower().encode("latin-1", "replace"), value.encode("utf-8", "replace"))
        for name, value in request.headers.items()
        if name.lower() not in PRIVATE_HEADERS and name.lower() not in {"host", "content-length"}
    ]
    if body or "content-length" in request.headers:
        headers.append((b"content-length", str(len(body)).encode()))
    headers.append((b"host", host.encode("latin-1")))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.5"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": scheme,
        # Text, by ASGI's rules; what is not UTF-8 stays percent-encoded, as Django has it under WSGI.
        "path": mount + repercent_broken_unicode(request.path).decode(),
        "raw_path": None,
        "root_path": mount,
        "query_string": request.query.encode("utf-8", "surrogatepass"),
        "headers": headers,
        "client": (viewer.address or request.address, 0),
        "server": (name, int(port)),
    }
