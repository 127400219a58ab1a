"""Following the photos of a gallery while they are developed."""

import uuid
from datetime import MINYEAR, datetime
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from app.accounts.access import StudioRequest, studio_required
from app.galleries.models import Gallery, Photo
from app.galleries.pictures import picture

# A page of tiles is about 1 kB a photo; the rest comes with the next call.
_MOST_CHANGES = 200


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
