"""Putting a gallery in order: photos and sections. Forms come back to the page, the page's script gets JSON."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from app.accounts.access import StudioRequest, studio_required
from app.galleries.actions import choose_cover
from app.galleries.models import Gallery, Photo, Section
from app.galleries.ordering import Moved, Spot, UnknownSpot, move_photos, sort_photos
from app.galleries.removal import delete_photos
from app.galleries.sections import TooManySections, add_sections, delete_section, move_section, rename_section
from app.studio.forms import ArrangeForm, SectionForm, SortForm
from app.studio.gallery_page import gallery_page


@require_POST
@studio_required
def arrange(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Move, delete or put on top what was chosen. A move answers the script `{orders: {photo: key}}`."""
    gallery = _gallery(request, pk)
    form = ArrangeForm(request.POST)
    if not form.is_valid():
        return _refuse(
            request, gallery, " ".join(map(str, form.non_field_errors())) or "This cannot be done with photos."
        )
    given = form.cleaned_data
    if given["do"] == "delete":
        return _delete(request, gallery, given)
    if given["do"] == "cover":
        return _cover(request, gallery, given["photos"])
    try:
        moved = move_photos(gallery, given["photos"], to=_spot(gallery, given))
    except UnknownSpot as error:
        return _refuse(request, gallery, str(error), status=409)
    if not _wants_json(request):
        return redirect(gallery)
    return JsonResponse({"orders": _orders(gallery, given["photos"], moved)})


@require_POST
@studio_required
def sort(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Sort the photos of all sections, or of one."""
    gallery = _gallery(request, pk)
    form = SortForm(request.POST, gallery=gallery)
    if not form.is_valid():
        return _refuse(request, gallery, "Choose how to sort: by capture time, file name or upload.")
    sort_photos(gallery, by=form.cleaned_data["by"], section=form.cleaned_data["section"])
    return redirect(gallery)


@require_POST
@studio_required
def new_section(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Add a section at the end."""
    gallery = _gallery(request, pk)
    form = SectionForm(request.POST)
    if not form.is_valid():
        return _refuse(request, gallery, "A section needs a title of 80 characters at most.")
    try:
        add_sections(gallery, [form.cleaned_data["title"]])
    except TooManySections as error:
        return _refuse(request, gallery, str(error))
    return redirect(gallery)


@require_POST
@studio_required
def change_section(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Rename, move or delete a section, as `do` says."""
    section = get_object_or_404(Section.objects.of(request.studio).select_related("gallery"), pk=pk)
    do = request.POST.get("do", "")
    if do in {"up", "down"}:
        move_section(section, to="up" if do == "up" else "down")
    elif do == "delete":
        delete_section(section)
    else:
        form = SectionForm(request.POST)
        if not form.is_valid():
            return _refuse(request, _gallery(request, section.gallery_id), "A section needs a title of 80 characters.")
        rename_section(section, title=form.cleaned_data["title"])
    return redirect(section.gallery)


def _gallery(request: StudioRequest, pk: uuid.UUID) -> Gallery:
    return get_object_or_404(Gallery.objects.of(request.studio).with_now(), pk=pk)


def _spot(gallery: Gallery, given: dict[str, Any]) -> Spot:
    if given["do"] == "after":
        return Spot(after=given["after"])
    if given["do"] in {"start", "move"}:
        return Spot(section=given["section"], end=given["do"] == "move")
    first = Photo.objects.filter(gallery=gallery, pk__in=given["photos"]).in_order().first()
    return Spot(section=first.section_id if first else None, end=given["do"] == "last")


def _orders(gallery: Gallery, photos: list[uuid.UUID], moved: Moved) -> dict[str, str]:
    rows = Photo.objects.filter(gallery=gallery)
    rows = rows.filter(section_position=moved.section_position) if moved.renumbered else rows.filter(pk__in=photos)
    return {str(photo.pk): photo.order_key for photo in rows.only("section_position", "rank")}


def _cover(request: StudioRequest, gallery: Gallery, photos: list[uuid.UUID]) -> HttpResponse:
    if len(photos) > 1 or not choose_cover(gallery, photos[0]):
        return _refuse(request, gallery, "Choose one photo for the cover.")
    return JsonResponse({"cover": str(photos[0])}) if _wants_json(request) else redirect(gallery)


def _delete(request: StudioRequest, gallery: Gallery, given: dict[str, Any]) -> HttpResponse:
    photos: list[uuid.UUID] = given["photos"]
    if not given["sure"]:
        found = Photo.objects.filter(gallery=gallery, pk__in=photos).in_order()
        ready_count = gallery.photos.ready().count()
        context = {"gallery": gallery, "studio": request.studio, "photos": found, "ready_count": ready_count}
        return render(request, "studio/delete_photos.html", context)
    delete_photos(gallery, photos)
    messages.success(request, f"{len(photos)} photo{'' if len(photos) == 1 else 's'} deleted.")
    return redirect(gallery)


def _refuse(request: StudioRequest, gallery: Gallery, problem: str, *, status: int = 422) -> HttpResponse:
    if _wants_json(request):
        return JsonResponse({"error": problem}, status=status)
    return gallery_page(request, gallery, problem=problem)


def _wants_json(request: StudioRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"
