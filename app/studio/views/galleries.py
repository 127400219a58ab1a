"""The dashboard and a gallery's photos."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from app.accounts.access import StudioRequest, studio_required
from app.galleries.actions import create_gallery
from app.galleries.models import LARGEST_UPLOAD, Gallery, Photo
from app.galleries.pictures import pictures
from app.studio.forms import GalleryForm
from app.uploads.files import CONTENT_TYPES


@require_safe
@studio_required
def dashboard(request: StudioRequest) -> HttpResponse:
    """All galleries of the studio."""
    return _dashboard(request, GalleryForm())


@require_POST
@studio_required
def new_gallery(request: StudioRequest) -> HttpResponse:
    """Make a gallery and go to it."""
    form = GalleryForm(request.POST)
    if not form.is_valid():
        return _dashboard(request, form, status=422)
    return redirect(create_gallery(request.studio, **form.cleaned_data))


@require_safe
@studio_required
def gallery(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """One gallery: upload, photos, links."""
    found = get_object_or_404(Gallery.objects.of(request.studio).with_now(), pk=pk)
    photos = list(Photo.objects.filter(gallery=found).in_order())
    states = Photo.State
    tiles = pictures(p for p in photos if p.state == states.READY)
    context = {
        "gallery": found,
        "studio": request.studio,
        "tiles": tiles,
        "ready_count": len(tiles),
        "failed": [p for p in photos if p.state == states.FAILED],
        "working": sum(p.state == states.UPLOADED for p in photos),
        "settled": sum(p.state in {states.READY, states.FAILED} for p in photos),
        "unfinished": Photo.objects.filter(gallery=found).stopped().count(),
        "accept": ",".join(sorted(CONTENT_TYPES)) + ",.heic,.heif,.avif",
        "largest": LARGEST_UPLOAD,
    }
    return render(request, "studio/gallery.html", context)


def _dashboard(request: StudioRequest, form: GalleryForm, *, status: int = 200) -> HttpResponse:
    galleries = list(Gallery.objects.of(request.studio).with_cards())
    covers = Photo.objects.of(request.studio).in_bulk([g.cover_id for g in galleries if g.cover_id])  # type: ignore[attr-defined]  # annotated
    cards = [
        {"gallery": g, "cover": next(iter(pictures([covers[g.cover_id]])), None) if g.cover_id in covers else None}  # type: ignore[attr-defined]  # annotated
        for g in galleries
    ]
    context = {"cards": cards, "form": form, "studio": request.studio}
    return render(request, "studio/dashboard.html", context, status=status)
