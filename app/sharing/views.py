"""The pages behind a share link: for looking, without an account and without JavaScript."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from app.galleries.facts import facts
from app.galleries.models import Photo
from app.galleries.pictures import picture
from app.sharing.access import link_required
from app.sharing.models import ShareLink
from app.sharing.sheet import sheet_of, state_of
from serverless.db.replicas import using_replicas


@link_required
@using_replicas()
def gallery(request: HttpRequest, link: ShareLink, *, token: str) -> HttpResponse:
    """The whole gallery."""
    state = state_of(link.gallery)
    context = {
        "gallery": link.gallery,
        "studio": link.studio,
        "token": token,
        "state": state,
        "sheet": sheet_of(link.gallery, state),
    }
    return render(request, "sharing/gallery.html", context)


@link_required
@using_replicas()
def photo(request: HttpRequest, link: ShareLink, *, token: str, pk: uuid.UUID) -> HttpResponse:
    """One photo, large, with its neighbours."""
    ready = Photo.objects.filter(gallery=link.gallery_id).ready()
    found = get_object_or_404(ready, pk=pk)
    context = {
        "gallery": link.gallery,
        "studio": link.studio,
        "token": token,
        "picture": picture(found),
        "facts": facts(found.exif),
        "before": ready.before(found).values_list("pk", flat=True).first(),
        "after": ready.after(found).values_list("pk", flat=True).first(),
        **ready.place_of(found),
    }
    return render(request, "sharing/photo.html", context)
