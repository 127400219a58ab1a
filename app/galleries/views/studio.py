"""The studio's pages."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from app.accounts import limits
from app.accounts.access import StudioRequest, studio_required
from app.galleries.actions import create_gallery, create_share_link, link_address, revoke_share_link
from app.galleries.forms import GalleryForm, ShareLinkForm
from app.galleries.models import LARGEST_UPLOAD, Gallery, Photo, ShareLink
from app.galleries.pictures import pictures
from app.galleries.uploads import CONTENT_TYPES

# Mail to clients, counted apart from that of accounts: nobody's new password waits for it. Closed without the cache.
CLIENT_MAIL = limits.Limit(name="client-mail", per_email=5, per_viewer=100, seconds=3600, open_without_cache=False)


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
    return _gallery(request, found, ShareLinkForm())


@studio_required
def new_link(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Make a share link and show its address, this once; a GET (a reload, say) goes back to the gallery."""
    found = get_object_or_404(Gallery.objects.of(request.studio).with_now(), pk=pk)
    if request.method != "POST":
        return redirect(found)
    form = ShareLinkForm(request.POST)
    if not form.is_valid() or not _may_mail(request, form):
        return _gallery(request, found, form, status=422)
    given = form.cleaned_data
    _, token = create_share_link(found, label=given["label"], expires_at=given["expires_on"], send_to=given["send_to"])
    new = {"new_address": link_address(token), "mailed_to": given["send_to"]}
    return _gallery(request, found, ShareLinkForm(), new=new, status=201)


def _may_mail(request: StudioRequest, form: ShareLinkForm) -> bool:
    send_to = form.cleaned_data["send_to"]
    if not send_to or limits.take(CLIENT_MAIL, request, email=send_to):
        return True
    form.add_error("send_to", "That was often enough for now. Make the link without it, or wait an hour.")
    return False


@require_POST
@studio_required
def revoke_link(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Close a share link."""
    link = get_object_or_404(ShareLink.objects.of(request.studio), pk=pk)
    revoke_share_link(link)
    return redirect(reverse("studio-gallery", args=[link.gallery_id]) + "#share")


def _dashboard(request: StudioRequest, form: GalleryForm, *, status: int = 200) -> HttpResponse:
    galleries = list(Gallery.objects.of(request.studio).with_cards())
    covers = Photo.objects.of(request.studio).in_bulk([g.cover_id for g in galleries if g.cover_id])  # type: ignore[attr-defined]  # annotated
    cards = [
        {"gallery": g, "cover": next(iter(pictures([covers[g.cover_id]])), None) if g.cover_id in covers else None}  # type: ignore[attr-defined]  # annotated
        for g in galleries
    ]
    context = {"cards": cards, "form": form, "studio": request.studio}
    return render(request, "galleries/dashboard.html", context, status=status)


def _gallery(
    request: StudioRequest, found: Gallery, form: ShareLinkForm, *, new: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    photos = list(Photo.objects.filter(gallery=found).in_order())
    states = Photo.State
    now = timezone.now()
    context = {
        "gallery": found,
        "studio": request.studio,
        "tiles": pictures(p for p in photos if p.state == states.READY),
        "failed": [p for p in photos if p.state == states.FAILED],
        "working": sum(p.state == states.UPLOADED for p in photos),
        "settled": sum(p.state in {states.READY, states.FAILED} for p in photos),
        "unfinished": Photo.objects.filter(gallery=found).stopped().count(),
        "links": [{"link": link, "live": link.is_live(now)} for link in found.share_links.order_by("-created_at")],
        "form": form,
        "accept": ",".join(sorted(CONTENT_TYPES)) + ",.heic,.heif,.avif",
        "largest": LARGEST_UPLOAD,
        **(new or {}),
    }
    return render(request, "galleries/gallery.html", context, status=status)
