"""Who gets past a share link's address."""

import uuid
from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from app.galleries.models import Gallery
from app.sharing.models import ShareLink

__all__ = ["link_required"]


def link_required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open the page if the link is live; else say so: 404 for an unknown one, 410 for one that has closed.

    The address is the secret, so no answer may be kept by a cache, passed on as a referrer or indexed.
    """

    @require_safe
    @wraps(view)
    def inner(request: HttpRequest, *, token: str, **kwargs: uuid.UUID) -> HttpResponse:
        link = ShareLink.objects.by_token(token).first()
        if link is None or link.gallery.status != Gallery.Status.PUBLISHED:
            response = render(request, "sharing/unknown.html", status=404)
        elif not link.is_live(timezone.now()):
            response = render(request, "sharing/closed.html", {"link": link}, status=410)
        else:
            response = _open(view, request, link, token=token, **kwargs)
        patch_cache_control(response, private=True, no_store=True)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return inner


def _open(
    view: Callable[..., HttpResponse], request: HttpRequest, link: ShareLink, *, token: str, **kwargs: uuid.UUID
) -> HttpResponse:
    try:
        return view(request, link, token=token, **kwargs)
    except Http404:
        return render(request, "sharing/photo_unknown.html", {"token": token}, status=404)
