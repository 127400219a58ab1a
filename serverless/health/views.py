"""Whether Django answers, and which release it is; and, to those who may ask, whether what it needs does."""

import hmac

from django.db import transaction
from django.http import Http404, HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.http import require_safe

from serverless.conf import conf
from serverless.health.parts import look
from serverless.release import running

__all__ = ["deep", "healthz", "urlpatterns"]

_NOT_KEPT = {"Cache-Control": "no-store"}


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - every view takes it
    """Answer 200 with ``release`` and ``version``, not to be cached: a release is proven by it.

    Shallow: no database, no cache, no session. What it says when one of those is away would take out of service the
    very functions that show visitors a page about it.
    """
    return JsonResponse(running(), headers=_NOT_KEPT)


# Before the view there is no transaction to be opened: it is to answer without a database, too.
@transaction.non_atomic_requests
@require_safe
def deep(request: HttpRequest) -> JsonResponse:
    """Answer 200 where every part of what this function uses answers, else 503; which one, and after how long.

    Without the secret, or where none is set, there is no such page: each look costs a connection, and a statement on
    every server. Nothing in it names a host, a user or a version of anything.
    """
    if not _may_ask(request):
        raise Http404
    parts = look()
    fine = all(not part.problem for part in parts)
    said = {"ok": fine, **running(), "parts": [part.as_json() for part in parts]}
    return JsonResponse(said, status=200 if fine else 503, headers=_NOT_KEPT)


def _may_ask(request: HttpRequest) -> bool:
    given = request.headers.get("x-health-secret", "").encode("utf-8", "surrogatepass")
    # Every one is compared, in constant time.
    matches = [hmac.compare_digest(given, secret.encode()) for secret in conf().health.secrets]
    return any(matches)


urlpatterns = [path("healthz", healthz, name="healthz"), path("healthz/deep", deep, name="healthz-deep")]
