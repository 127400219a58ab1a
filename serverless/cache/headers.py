"""Who may keep an answer: nobody, unless its view has said otherwise.

    @public_page(browser=60, edge=600, stale=86_400)
    def landing(request): ...

`PrivateByDefault` stands first in MIDDLEWARE and has the last word. An answer that says nothing is
``private, no-store``, and so is whatever it says one that belongs to somebody: it sets a cookie, its view has looked
into the session, or it says itself that it depends on cookies, on Authorization or on more than a request tells.
CloudFront keeps Set-Cookie and hands it to others, does not look at Vary, and keeps for a day what says nothing:
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html
"""

import hashlib
import logging
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Concatenate, Final

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.decorators import sync_and_async_middleware

__all__ = ["NOBODY", "PrivateByDefault", "public_page"]

logger = logging.getLogger(__name__)

NOBODY: Final = "private, no-store"
# A year: https://www.rfc-editor.org/rfc/rfc2616#section-14.21, and CloudFront's maximum.
_LONGEST_S: Final = 31_536_000
_OF_SOMEBODY: Final = frozenset({"cookie", "authorization", "*"})
_READS: Final = frozenset({"GET", "HEAD"})
# What stays the same until the page changes: an error is over sooner, and nobody wants it kept.
_LASTING: Final = frozenset({200, 301, 302, 308})

type _GetResponse = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]
type _View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponse]


def public_page[**P](*, browser: int, edge: int, stale: int = 0) -> Callable[[_View[P]], _View[P]]:
    """Let browsers keep the view's page for ``browser`` seconds, and the edge for ``edge`` if ``pages`` names its path.

    For ``stale`` seconds more the edge may show it while it fetches the next, or cannot. The page gets an ETag, so that
    asking again costs a few bytes. Answers other than pages and redirects stay as they are. Raises ValueError.
    """
    if not all(0 <= seconds <= _LONGEST_S for seconds in (browser, edge, stale)) or not edge:
        raise ValueError(f"browser, edge and stale are seconds from 0 to {_LONGEST_S}; edge is more than 0.")
    kept = f"public, max-age={browser}, s-maxage={edge}"
    if stale:
        kept += f", stale-while-revalidate={stale}, stale-if-error={stale}"

    def decorate(view: _View[P]) -> _View[P]:
        @wraps(view)
        def inner(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            response = view(request, *args, **kwargs)
            if request.method not in _READS or response.status_code not in _LASTING:
                return response
            response["Cache-Control"] = kept
            # Also on what is too short to be compressed, and on 304: it stands for the page that was compressed.
            patch_vary_headers(response, ["Accept-Encoding"])
            return _conditional(request, response)

        return inner

    return decorate


def _conditional(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if response.status_code != 200:
        return response
    # A weak one: what is compressed on the way is the same page.
    etag = f'W/"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response["ETag"] = etag
    found = get_conditional_response(request, etag=etag, response=response)
    if not isinstance(found, HttpResponse):
        return response
    # API Gateway gives answers without one a Content-Type of its own, and a cache takes headers over from a 304: HTML
    # would become plain text. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    found["Content-Type"] = response["Content-Type"]
    return found


@sync_and_async_middleware
def PrivateByDefault(get_response: _GetResponse) -> _GetResponse:  # noqa: N802 - named like Django's
    """The first of MIDDLEWARE: what the others answer by themselves, and the cookies that they set, count too."""
    if iscoroutinefunction(get_response):

        async def answer(request: HttpRequest) -> HttpResponseBase:
            return _decided(request, await get_response(request))

        return answer

    def respond(request: HttpRequest) -> HttpResponseBase:
        return _decided(request, get_response(request))  # type: ignore[arg-type] # the chain is synchronous

    return respond


def _decided(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    said = _words(response, "Cache-Control")
    if not said:
        response["Cache-Control"] = NOBODY
    elif reason := _whose(request, response):
        if not {"private", "no-store"} <= said:
            response["Cache-Control"] = NOBODY
        if not {"private", "no-store"} & said:
            # Django answers made-up cookies with good ones: no fault of the view's, and nothing to fill a log with.
            level = logging.DEBUG if response.cookies else logging.WARNING
            route = getattr(getattr(request, "resolver_match", None), "route", "")
            logger.log(level, "Nobody may keep /%s, although its view allows it: %s.", route, reason)
    return response


def _whose(request: HttpRequest, response: HttpResponseBase) -> str:
    """Why an answer belongs to somebody; empty if it may be everybody's."""
    if response.cookies:
        return "it sets a cookie"
    if getattr(getattr(request, "session", None), "accessed", False):
        return "its view looks into the session"
    found = _words(response, "Vary") & _OF_SOMEBODY
    if found and "private" not in _words(response, "Cache-Control"):
        return f"it depends on {', '.join(sorted(found))}"
    if "'nonce-" in response.get("Content-Security-Policy", ""):
        return "it holds a nonce, which is good for one answer"
    return ""


def _words(response: HttpResponseBase, header: str) -> set[str]:
    """The names in a list, in small letters, without their values."""
    parts = response.get(header, "").lower().split(",")
    return {part.partition("=")[0].strip() for part in parts} - {""}
