"""Files up to a few megabytes, and the beginning of all others: sign, confirm, cancel."""

import uuid
from typing import Any

from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.views.decorators.http import require_POST

from app.accounts.access import StudioRequest, studio_required
from app.galleries.models import Gallery, Photo
from app.uploads.actions import Ticket, cancel_upload, confirm_upload, request_uploads
from app.uploads.files import InvalidUpload, UploadFile, clean_name, parse_upload
from app.uploads.views.body import BadBody, json_list


@require_POST
@studio_required
def sign(request: StudioRequest, pk: uuid.UUID) -> JsonResponse:
    """Sign uploads. In: `[{name, size, type, sha256}]`. Out: `{files: [...], left}`, one entry a file, in order.

    An entry has `status` "upload", "duplicate", "refused" (with `reason`) or "full" (with `reason`: the studio has no
    room for it). One to upload names its `photo`, and the addresses `cancel` and either `url`, `headers`, `expires_in`
    and `confirm` (to call when it has arrived), or `begin`, `sign_part` and `finish` for a file in parts. `left` is
    the studio's room in bytes.
    """
    gallery = get_object_or_404(Gallery.objects.of(request.studio), pk=pk)
    try:
        parsed = [_parse(item) for item in json_list(request)]
    except BadBody as error:
        return JsonResponse({"error": str(error)}, status=400)
    signed = request_uploads(gallery, [entry for entry in parsed if isinstance(entry, UploadFile)])
    tickets = iter(signed.tickets)
    files = [
        _entry(entry, next(tickets), left=signed.left) if isinstance(entry, UploadFile) else entry for entry in parsed
    ]
    return JsonResponse({"files": files, "left": signed.left})


@require_POST
@studio_required
def uploaded(request: StudioRequest, pk: uuid.UUID) -> JsonResponse:
    """Note that a file has arrived: 202, however often it is said."""
    photo = get_object_or_404(Photo.objects.of(request.studio), pk=pk)
    confirm_upload(photo)
    return JsonResponse({"photo": str(photo.pk)}, status=202)


@require_POST
@studio_required
def cancel(request: StudioRequest, pk: uuid.UUID) -> JsonResponse:
    """Forget a file that has not arrived: 200, or 409 if it has."""
    photo = get_object_or_404(Photo.objects.of(request.studio), pk=pk)
    if not cancel_upload(photo):
        return JsonResponse({"error": "This photo has arrived already."}, status=409)
    return JsonResponse({"photo": str(photo.pk)})


def _parse(item: object) -> UploadFile | dict[str, str]:
    try:
        return parse_upload(item)
    except InvalidUpload as error:
        name = clean_name(item.get("name")) if isinstance(item, dict) else ""
        return {"name": name, "status": "refused", "reason": str(error)}


def _entry(file: UploadFile, ticket: Ticket, *, left: int) -> dict[str, Any]:
    if ticket.photo is None:
        reason = f"Your studio has {filesizeformat(left)} left; this file needs {filesizeformat(file.size)}."
        return {"name": file.name, "status": "full", "reason": reason}
    entry = {"name": ticket.photo.filename, "photo": str(ticket.photo.pk)}
    if ticket.upload is None and not ticket.in_parts:
        return entry | {"status": "duplicate", "reason": "This photo is in the gallery already."}
    return entry | {"status": "upload"} | _addresses(ticket, ticket.photo)


def _addresses(ticket: Ticket, photo: Photo) -> dict[str, Any]:
    def address(name: str) -> str:
        return reverse(f"studio-photo-{name}", args=[photo.pk])

    cancelling = {"cancel": address("cancel")}
    if ticket.upload is None:
        return cancelling | {
            "begin": address("parts"),
            "sign_part": address("part"),
            "finish": address("finish"),
        }
    return cancelling | {
        "url": ticket.upload.url,
        "headers": ticket.upload.headers,
        "expires_in": ticket.upload.expires_in,
        "confirm": address("uploaded"),
    }
