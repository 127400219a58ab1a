"""``/healthz``: whether Django answers, and which release it is. ``path("", include("serverless.health"))``.

Shallow: no database, no cache, no session. What it says when one of those is away would take out of service the very
functions that show visitors a page about it.
"""

from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.http import require_safe

from serverless.release import running

__all__ = ["healthz", "urlpatterns"]


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - every view takes it
    """Answer 200 with ``release`` and ``version``, not to be cached: a release is proven by it."""
    return JsonResponse(running(), headers={"Cache-Control": "no-store"})


urlpatterns = [path("healthz", healthz, name="healthz")]
