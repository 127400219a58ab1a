"""The mails caught on this machine. Without DEMO these pages do not exist."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.csp import CSP
from django.views.decorators.cache import cache_control
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from app.notifications.models import CaughtEmail

SHOWN = 100

# A mail is a foreign page: styles of its own, and nothing else; its links open outside the frame.
_IN_A_FRAME: dict[str, list[str]] = {
    "default-src": [CSP.NONE],
    "style-src": [CSP.UNSAFE_INLINE],
    "img-src": ["data:"],
    "frame-ancestors": [CSP.SELF],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
}


def _local[**P](
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    @require_safe
    @cache_control(private=True, no_store=True)
    @wraps(view)
    def inner(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if settings.DEMO is not True:
            raise Http404
        return view(request, *args, **kwargs)

    return inner


@_local
def caught(request: HttpRequest) -> HttpResponse:
    """The newest mails."""
    emails = CaughtEmail.objects.order_by("-created_at", "-pk").defer("text", "html")[:SHOWN]
    return render(request, "notifications/caught.html", {"emails": emails})


@_local
def caught_email(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One mail: how it looks, and its text."""
    return render(request, "notifications/caught_email.html", {"email": get_object_or_404(CaughtEmail, pk=pk)})


@csp_override(_IN_A_FRAME)
@xframe_options_sameorigin
@_local
def caught_html(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:  # noqa: ARG001  # a view takes the request
    """The mail's HTML alone, for the frame on its page."""
    return HttpResponse(get_object_or_404(CaughtEmail, pk=pk).html)
