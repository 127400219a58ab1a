"""The pages behind a share link: for looking, without an account and without JavaScript."""

import uuid
from collections.abc import Callable
from functools import wraps

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from app.galleries.facts import facts
from app.galleries.models import Gallery, Photo
from app.galleries.pictures import picture, pictures
from app.sharing.models import ShareLink


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


@link_required
def gallery(request: HttpRequest, link: ShareLink, *, token: str) -> HttpResponse:
    """The whole gallery."""
    tiles = pictures(Photo.objects.filter(gallery=link.gallery_id).ready().in_order())
    cover = next((tile for tile in tiles if tile.width > tile.height), tiles[0] if tiles else None)
    context = {"gallery": link.gallery, "studio": link.studio, "token": token, "tiles": tiles, "cover": cover}
    return render(request, "sharing/gallery.html", context)


@link_required
def photo(request: HttpRequest, link: ShareLink, *, token: str, pk: uuid.UUID) -> HttpResponse:
    """One photo, large, with its neighbours."""
    ready = Photo.objects.filter(gallery=link.gallery_id).ready()
    found = get_object_or_404(ready, pk=pk)
    up_to = Q(rank__lt=found.rank) | Q(rank=found.rank, id__lte=found.pk)
    context = {
        "gallery": link.gallery,
        "studio": link.studio,
        "token": token,
        "picture": picture(found),
        "facts": facts(found.exif),
        "before": ready.before(found).values_list("pk", flat=True).first(),
        "after": ready.after(found).values_list("pk", flat=True).first(),
        **ready.order_by().aggregate(total=Count("pk"), position=Count("pk", filter=up_to)),
    }
    return render(request, "sharing/photo.html", context)
