"""One shard a request: nothing is current at its start, and nothing of it is left after its end."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from serverless import pages
from serverless.db.shards.current import Work, aliases, is_on, settle, working
from serverless.db.shards.exceptions import ShardClosed

__all__ = ["CHOICE", "RETRY_AFTER_S", "ShardMiddleware"]

# In the session, and in the address of a link that chooses.
CHOICE: Final = "_shard"
# A move of a gigabyte of rows takes minutes.
RETRY_AFTER_S: Final = 60
# Locked: no 503, because CloudFront puts a page of its own in the place of those (docs/decisions/0007), for everybody.
# https://datatracker.ietf.org/doc/html/rfc4918#section-11.3
_STATUS: Final = 423
_CLOSED: Final = pages.Page(
    status=_STATUS,
    title="Just moving house",
    text="Everything here is being carried to another server. You can look at all of it meanwhile; please change it in "
    "a few minutes. What you just sent was not kept.",
    again=False,
)

type _GetResponse = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]


class ShardMiddleware:
    """Bounds the work of a request, which ``settle`` names the shard of. Answers 423 where that is closed."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: _GetResponse) -> None:
        if not is_on():
            raise MiddlewareNotUsed("There are no shards.")
        self._get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self._is_async:
            return self._answer(request)
        with working() as work:
            response = self._get_response(request)
        assert isinstance(response, HttpResponseBase)  # noqa: S101 - for mypy: the chain is synchronous
        return _held(response, work)

    async def _answer(self, request: HttpRequest) -> HttpResponseBase:
        with working() as work:
            response = self._get_response(request)
            assert isinstance(response, Awaitable)  # noqa: S101 - for mypy: the chain is asynchronous
            answer: HttpResponseBase = await response
        return _held(answer, work)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        """Settle pages of Django's admin on the shard that was chosen there; all others settle by themselves."""
        match = request.resolver_match
        return None if match is None or "admin" not in match.app_names else choose(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Say when to come back, where a key is being moved."""
        return closed(request) if isinstance(exception, ShardClosed) else None


def choose(request: HttpRequest) -> HttpResponse | None:
    """Take the shard from the session, or from ``?_shard=``, which is remembered and taken off the address."""
    if CHOICE in request.GET:
        left = request.GET.copy()
        if (wanted := left.pop(CHOICE)[-1]) in aliases() and request.user.is_staff:
            request.session[CHOICE] = wanted
        return HttpResponseRedirect(f"{request.path}?{left.urlencode()}".rstrip("?"))
    chosen = request.session.get(CHOICE)
    settle(chosen if chosen in aliases() else aliases()[0])
    return None


def closed(request: HttpRequest) -> HttpResponse:
    """Answer 423: a page, or JSON for what asks for that."""
    if request.accepts("text/html"):
        response = HttpResponse(_CLOSED.html, status=_STATUS, headers={"Content-Security-Policy": pages.CSP})
    else:
        response = JsonResponse({"error": "This is being moved. Try again in a minute."}, status=_STATUS)
    response["Retry-After"] = str(RETRY_AFTER_S)
    response["Cache-Control"] = "private, no-store"
    return response


def _held(response: HttpResponseBase, work: Work) -> HttpResponseBase:
    """Let a body that is made while it is sent find the shard, too."""
    if isinstance(response, StreamingHttpResponse) and not response.is_async and work.shard is not None:
        content: Any = response.streaming_content
        response.streaming_content = _within(work, content)
    return response


def _within(work: Work, chunks: Iterator[Any]) -> Iterator[Any]:
    while True:
        with working(work):
            try:
                chunk = next(chunks)
            except StopIteration:
                return
        yield chunk
