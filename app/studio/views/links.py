"""A gallery's share links."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from app.accounts import limits
from app.accounts.access import Right, StudioRequest, right_required
from app.galleries.models import Gallery
from app.sharing.actions import create_share_link, link_address, revoke_share_link
from app.sharing.forms import ShareLinkForm
from app.sharing.models import ShareLink

# Mail to clients, counted apart from that of accounts: nobody's new password waits for it. Closed without the cache.
CLIENT_MAIL = limits.Limit(name="client-mail", per_email=5, per_viewer=100, seconds=3600, open_without_cache=False)


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.SHARE)
def links(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """On POST make a share link and show its address, this once; a GET shows the links that there are."""
    found = get_object_or_404(Gallery.objects.of(request.studio), pk=pk)
    if request.method != "POST":
        return _links(request, found, ShareLinkForm())
    form = ShareLinkForm(request.POST)
    if not form.is_valid() or not _may_mail(request, form):
        return _links(request, found, form, status=422)
    given = form.cleaned_data
    _, token = create_share_link(found, label=given["label"], expires_at=given["expires_on"], send_to=given["send_to"])
    new = {"new_address": link_address(token), "mailed_to": given["send_to"]}
    return _links(request, found, ShareLinkForm(), new=new, status=201)


def _may_mail(request: StudioRequest, form: ShareLinkForm) -> bool:
    send_to = form.cleaned_data["send_to"]
    if not send_to or limits.take(CLIENT_MAIL, request, email=send_to):
        return True
    form.add_error("send_to", "That was often enough for now. Make the link without it, or wait an hour.")
    return False


@require_POST
@right_required(Right.SHARE)
def revoke_link(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Close a share link."""
    link = get_object_or_404(ShareLink.objects.of(request.studio), pk=pk)
    revoke_share_link(link)
    return redirect("studio-links", link.gallery_id)


def _links(
    request: StudioRequest, found: Gallery, form: ShareLinkForm, *, new: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    now = timezone.now()
    context = {
        "gallery": found,
        "ready_count": found.photos.ready().count(),
        "studio": request.studio,
        "links": [{"link": link, "live": link.is_live(now)} for link in found.share_links.order_by("-created_at")],
        "form": form,
        **(new or {}),
    }
    return render(request, "studio/links.html", context, status=status)
