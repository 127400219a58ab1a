"""A gallery's share links, and what each asks for."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from app.accounts import limits
from app.accounts.access import Right, StudioRequest, right_required
from app.galleries.models import Gallery
from app.sharing.actions import change_lock, create_share_link, link_address, revoke_share_link
from app.sharing.forms import LockForm, ShareLinkForm
from app.sharing.locks import hashed
from app.sharing.models import ShareLink
from app.sharing.qr import code_of
from app.sharing.tries import forgive, rest_of
from app.web.keyset import NEWEST_FIRST, part_of

LINKS_A_PAGE = 50
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
    return _links(request, found, ShareLinkForm(), new=_make(found, form.cleaned_data), status=201)


@require_POST
@right_required(Right.SHARE)
def revoke_link(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Close a share link."""
    link = get_object_or_404(ShareLink.objects.of(request.studio), pk=pk)
    revoke_share_link(link)
    return redirect("studio-links", link.gallery_id)


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.SHARE)
def lock_link(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Put another PIN or password on a link, and show it, this once."""
    link = get_object_or_404(ShareLink.objects.of(request.studio).select_related("gallery"), pk=pk)
    if not link.is_live(timezone.now()):
        return redirect("studio-links", link.gallery_id)
    if request.method != "POST":
        return _lock(request, link, LockForm(initial={"lock": link.lock_kind}))
    form = LockForm(request.POST)
    if not form.is_valid():
        return _lock(request, link, form, status=422)
    given = form.cleaned_data
    change_lock(link, lock=hashed(given["lock"], given["secret"]))
    return _lock(request, link, LockForm(initial={"lock": given["lock"]}), changed=given)


@require_POST
@right_required(Right.SHARE)
def forgive_link(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Forget the wrong tries at a link, so that its clients may try again."""
    link = get_object_or_404(ShareLink.objects.of(request.studio), pk=pk)
    forgive(link)
    return redirect("studio-links", link.gallery_id)


def _make(found: Gallery, given: dict[str, Any]) -> dict[str, Any]:
    """What the page shows of a new link."""
    _, token = create_share_link(
        found,
        label=given["label"],
        expires_at=given["expires_on"],
        lock=hashed(given["lock"], given["secret"]),
        send_to=given["send_to"],
        message=given["message"],
    )
    address = link_address(token)
    return {"address": address, "mailed_to": given["send_to"], "qr": code_of(address), **_told(given)}


def _told(given: dict[str, Any]) -> dict[str, Any]:
    return {"lock": given["lock"], "secret": given["secret"]}


def _may_mail(request: StudioRequest, form: ShareLinkForm) -> bool:
    send_to = form.cleaned_data["send_to"]
    if not send_to or limits.take(CLIENT_MAIL, request, email=send_to):
        return True
    form.add_error("send_to", "That was often enough for now. Make the link without it, or wait an hour.")
    return False


def _links(
    request: StudioRequest, found: Gallery, form: ShareLinkForm, *, new: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    now = timezone.now()
    links = found.share_links.with_opens()
    part = part_of(links, NEWEST_FIRST, request.GET, size=LINKS_A_PAGE, salt=f"studio.links:{found.pk}")
    context = {
        "gallery": found,
        "ready_count": found.photos.ready().count(),
        "studio": request.studio,
        "links": [{"link": link, "live": link.is_live(now), "rest": rest_of(link)} for link in part.rows],
        "part": part,
        "form": form,
        "new": new,
    }
    return render(request, "studio/links.html", context, status=status)


def _lock(
    request: StudioRequest,
    link: ShareLink,
    form: LockForm,
    *,
    changed: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "gallery": link.gallery,
        "ready_count": link.gallery.photos.ready().count(),
        "studio": request.studio,
        "link": link,
        "form": form,
        "new": changed and _told(changed),
    }
    return render(request, "studio/link_lock.html", context, status=status)
