"""The pages behind a share link: for looking, without an account and without JavaScript."""

import uuid

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from app.galleries.facts import facts
from app.galleries.models import Photo
from app.galleries.pictures import picture, pictures
from app.sharing.access import link_required
from app.sharing.models import ShareLink


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
