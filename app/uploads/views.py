"""What the upload page talks to: sign, confirm, follow."""

import json
import uuid
from datetime import MINYEAR, datetime
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from app.accounts.access import StudioRequest, studio_required
from app.galleries.models import Gallery, Photo
from app.galleries.pictures import picture
from app.uploads.actions import Ticket, confirm_upload, request_uploads
from app.uploads.files import MOST_FILES, InvalidUpload, UploadFile, clean_name, parse_upload

# A page of tiles is about 1 kB a photo; the rest comes with the next call.
_MOST_CHANGES = 200


@require_POST
@studio_required
def sign(request: StudioRequest, pk: uuid.UUID) -> JsonResponse:
    """Sign uploads. In: `[{name, size, type, sha256}]`. Out: `{files: [...]}`, one entry a file, in the same order.

    An entry has `status` "upload" (with photo, url, headers, expires_in and
    confirm, the address to call when it has arrived), "duplicate" or "refused" (with reason).
    """
    gallery = get_object_or_404(Gallery.objects.of(request.studio), pk=pk)
    items = _items(request)
    if isinstance(items, str):
        return JsonResponse({"error": items}, status=400)
    parsed = [_parse(item) for item in items]
    tickets = iter(request_uploads(gallery, [entry for entry in parsed if isinstance(entry, UploadFile)]))
    files = [_ticket(next(tickets)) if isinstance(entry, UploadFile) else entry for entry in parsed]
    return JsonResponse({"files": files})


@require_POST
@studio_required
def uploaded(request: StudioRequest, pk: uuid.UUID) -> JsonResponse:
    """Note that a file has arrived: 202, however often it is said."""
    photo = get_object_or_404(Photo.objects.of(request.studio), pk=pk)
    confirm_upload(photo)
    return JsonResponse({"photo": str(photo.pk)}, status=202)


@require_safe
@studio_required
def progress(request: StudioRequest, pk: uuid.UUID) -> JsonResponse:
    """Counts by state and the photos changed since `?since=` (or all of them), with a tile for those that are ready.

    `since` in the answer is what to send next, as it is; `more` says that this answer was cut short.
    """
    gallery = get_object_or_404(Gallery.objects.of(request.studio).with_now(), pk=pk)
    try:
        since, after = _since(request)
    except ValueError:
        return JsonResponse({"error": "since is not what the last answer gave."}, status=400)
    photos = Photo.objects.filter(gallery=gallery)
    counts = photos.counts()
    changed = list(photos.changed_since(since, after=after)[: _MOST_CHANGES + 1])
    more = len(changed) > _MOST_CHANGES
    changed = changed[:_MOST_CHANGES]
    latest = f"{changed[-1].updated_at.isoformat()},{changed[-1].pk}" if more else gallery.now.isoformat()  # type: ignore[attr-defined]  # annotated
    return JsonResponse({"counts": counts, "since": latest, "more": more, "photos": [_change(p) for p in changed]})


def _items(request: HttpRequest) -> list[Any] | str:
    """The files in the body, or what is wrong with it."""
    try:
        items = json.loads(request.body)
    except (ValueError, RecursionError):
        return "The body is not JSON."
    if not isinstance(items, list) or not items:
        return "The body is not a list of files."
    if len(items) > MOST_FILES:
        return f"More than {MOST_FILES} files in one call. Send the rest in another."
    return items


def _parse(item: object) -> UploadFile | dict[str, str]:
    try:
        return parse_upload(item)
    except InvalidUpload as error:
        name = clean_name(item.get("name")) if isinstance(item, dict) else ""
        return {"name": name, "status": "refused", "reason": str(error)}


def _ticket(ticket: Ticket) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": ticket.photo.filename, "photo": str(ticket.photo.pk)}
    if ticket.upload is None:
        return entry | {"status": "duplicate", "reason": "This photo is in the gallery already."}
    upload = ticket.upload
    return entry | {
        "status": "upload",
        "url": upload.url,
        "headers": upload.headers,
        "expires_in": upload.expires_in,
        "confirm": reverse("studio-photo-uploaded", args=[ticket.photo.pk]),
    }


def _change(photo: Photo) -> dict[str, Any]:
    ready = photo.state == Photo.State.READY
    tile = render_to_string("galleries/tile.html", {"picture": picture(photo)}) if ready else ""
    return {"id": str(photo.pk), "filename": photo.filename, "state": photo.state, "error": photo.error, "tile": tile}


def _since(request: HttpRequest) -> tuple[datetime | None, uuid.UUID | None]:
    """The moment, and behind a comma the last photo of an answer that was cut short; ValueError for anything else."""
    text = request.GET.get("since")
    if text is None:
        return None, None
    time, cut, photo = text.partition(",")
    moment = parse_datetime(time)
    if moment is None or moment.tzinfo is None or moment.year == MINYEAR:  # nothing can be subtracted from year 1
        raise ValueError(text)
    return moment, uuid.UUID(photo) if cut else None
