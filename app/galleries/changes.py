"""Where a page that follows a gallery left off: a moment, and the last photo of an answer that was cut short."""

import uuid
from collections.abc import Sequence
from datetime import MINYEAR, datetime

from django.utils.dateparse import parse_datetime

from app.galleries.models import Photo
from app.galleries.queries import PhotoQuerySet

# A tile is about 1 kB; the rest comes with the next call.
MOST_CHANGES = 200


def changes(photos: PhotoQuerySet, *, since: str | None, now: datetime) -> tuple[Sequence[Photo], str, bool]:
    """The photos that changed after `since`, what to ask with next, and whether this answer was cut short.

    `since` is what the last answer gave, or a moment in ISO 8601, or None for all; anything else raises ValueError.
    """
    moment, after = _parse(since) if since is not None else (None, None)
    found = list(photos.changed_since(moment, after=after)[: MOST_CHANGES + 1])
    if len(found) <= MOST_CHANGES:
        return found, now.isoformat(), False
    found = found[:MOST_CHANGES]
    return found, f"{found[-1].updated_at.isoformat()},{found[-1].pk}", True


def _parse(since: str) -> tuple[datetime, uuid.UUID | None]:
    time, cut, photo = since.partition(",")
    moment = parse_datetime(time)
    if moment is None or moment.tzinfo is None or moment.year == MINYEAR:  # nothing can be subtracted from year 1
        raise ValueError(since)
    return moment, uuid.UUID(photo) if cut else None
