"""Read your writes: a viewer who has written reads from the primary for a while, in whichever environment.

In MIDDLEWARE, ``"serverless.db.replicas.middleware.ReadYourWrites"`` comes right after Django's SecurityMiddleware.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.core.exceptions import MiddlewareNotUsed
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from serverless.conf import conf
from serverless.db.replicas.visit import Visit, visiting

__all__ = ["COOKIE", "ReadYourWrites"]

# The prefix holds browsers to Secure, Path=/ and no Domain, so that no neighbouring host sets or sees it.
# https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
COOKIE: Final = "__Host-wrote"
_SALT: Final = "serverless.db.replicas"
# It says when, by its signature, and nothing of who or what.
_VALUE: Final = "1"
_SAFE: Final = frozenset({"GET", "HEAD"})

type _GetResponse = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]


class ReadYourWrites:
    """Above all middleware that writes (sessions), and above the one that caches pages: it must not keep the cookie."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: _GetResponse) -> None:
        if not conf().replicas.of:
            raise MiddlewareNotUsed("There are no replicas.")
        self._get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self._is_async:
            return self._answer(request)
        with visiting(pinned=_is_pinned(request)) as visit:
            response = self._get_response(request)
        assert isinstance(response, HttpResponseBase)  # noqa: S101 - for mypy: the chain is synchronous
        return _marked(response, visit)

    async def _answer(self, request: HttpRequest) -> HttpResponseBase:
        with visiting(pinned=_is_pinned(request)) as visit:
            response = self._get_response(request)
            assert isinstance(response, Awaitable)  # noqa: S101 - for mypy: the chain is asynchronous
            answer: HttpResponseBase = await response
        return _marked(answer, visit)


def _is_pinned(request: HttpRequest) -> bool:
    """Whether it will write, or its viewer did a moment ago. A cookie that is none of ours says nothing."""
    if request.method not in _SAFE:
        return True
    if (given := request.COOKIES.get(COOKIE)) is None:
        return False
    try:
        return _signer().unsign(given, max_age=conf().replicas.seconds) == _VALUE
    except BadSignature:
        return False


def _marked(response: HttpResponseBase, visit: Visit) -> HttpResponseBase:
    if visit.wrote:
        response.set_cookie(
            COOKIE,
            _signer().sign(_VALUE),
            max_age=conf().replicas.seconds,
            secure=True,
            httponly=True,
            samesite="Lax",
        )
        # Not patched but replaced: an s-maxage that stays would have a shared cache hand the cookie to others.
        response["Cache-Control"] = "private, no-store"
    return response


def _signer() -> TimestampSigner:
    """SECRET_KEY_FALLBACKS are honoured."""
    return TimestampSigner(salt=_SALT)
