"""The dashboard, a gallery's photos and its settings."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from app.accounts.access import Right, StudioRequest, right_required, studio_required
from app.galleries.actions import change_gallery, create_gallery
from app.galleries.models import Gallery
from app.galleries.removal import delete_gallery as delete
from app.studio.cards import cards
from app.studio.forms import GalleryForm, GallerySettingsForm
from app.studio.gallery_page import gallery_page
from app.web.keyset import NEWEST_FIRST, part_of

CARDS_A_PAGE = 24


@require_safe
@studio_required
def dashboard(request: StudioRequest) -> HttpResponse:
    """The galleries of the studio, newest first, some at a time; `?q=` searches titles and clients."""
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
    """One gallery: upload, photos, their order."""
    return gallery_page(request, get_object_or_404(Gallery.objects.of(request.studio).with_now(), pk=pk))


@require_http_methods(["GET", "HEAD", "POST"])
@studio_required
def settings(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """What is known of a gallery, and how the client's pages look."""
    found = get_object_or_404(Gallery.objects.of(request.studio), pk=pk)
    shown = Gallery(pk=found.pk, title=found.title, event_date=found.event_date, status=found.status)
    form = GallerySettingsForm(request.POST if request.method == "POST" else None, instance=found)
    if request.method == "POST" and form.is_valid():
        change_gallery(found, **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("studio-gallery-settings", pk)
    context = {"gallery": shown, "studio": request.studio, "form": form, "ready_count": found.photos.ready().count()}
    return render(request, "studio/settings.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.DELETE_GALLERIES)
def delete_gallery(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask, then delete a gallery with its photos and links."""
    found = get_object_or_404(Gallery.objects.of(request.studio), pk=pk)
    if request.method == "POST":
        delete(found)
        messages.success(request, f"“{found.title}” is deleted.")
        return redirect("studio")
    context = {"gallery": found, "studio": request.studio, "ready_count": found.photos.ready().count()}
    return render(request, "studio/delete_gallery.html", context)


def _dashboard(request: StudioRequest, form: GalleryForm, *, status: int = 200) -> HttpResponse:
    wanted = request.GET.get("q", "").replace("\x00", "").strip()[:120]
    found = Gallery.objects.of(request.studio).search(wanted).with_cards()
    part = part_of(found, NEWEST_FIRST, request.GET, size=CARDS_A_PAGE, salt=f"studio.galleries:{request.studio.pk}")
    context = {
        "cards": cards(request.studio, part.rows),
        "form": form,
        "studio": request.studio,
        "q": wanted,
        "part": part,
    }
    return render(request, "studio/dashboard.html", context, status=status)
