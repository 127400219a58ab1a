"""Following the photos of a gallery while they are developed."""

import uuid
from typing import Any

from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from app.accounts.access import StudioRequest, studio_required
from app.galleries.changes import changes
from app.galleries.models import Gallery, Photo
from app.galleries.pictures import picture


@require_safe
@studio_required
def progress(request: StudioRequest, pk: uuid.UUID) -> JsonResponse:
    """Counts by state and the photos changed since `?since=` (or all of them), with a tile for those that are ready.

    `since` in the answer is what to send next, as it is; `more` says that this answer was cut short.
    """
    gallery = get_object_or_404(Gallery.objects.of(request.studio).with_now(), pk=pk)
    photos = Photo.objects.filter(gallery=gallery)
    counts = photos.counts()  # before the changes: a count may lag behind a tile, a tile is never missed
    try:
        changed, since, more = changes(photos, since=request.GET.get("since"), now=gallery.now)  # type: ignore[attr-defined]  # annotated
    except ValueError:
        return JsonResponse({"error": "since is not what the last answer gave."}, status=400)
    return JsonResponse({"counts": counts, "since": since, "more": more, "photos": [_change(p) for p in changed]})


def _change(photo: Photo) -> dict[str, Any]:
    ready = photo.state == Photo.State.READY
    tile = render_to_string("galleries/tile.html", {"picture": picture(photo)}) if ready else ""
    return {"id": str(photo.pk), "filename": photo.filename, "state": photo.state, "error": photo.error, "tile": tile}
