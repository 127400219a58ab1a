"""The order of a gallery's photos: moving some, sorting all. Ranks leave gaps, so that a move writes the moved alone.

Every write holds the gallery's row, as uploads do when they rank new photos behind the last one.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final, Literal

from django.db import connections

from app.galleries.models import Gallery, Photo, Section
from app.galleries.queries import PhotoQuerySet
from serverless.db.shards import atomic

__all__ = ["MOST_MOVED", "SORT_ORDERS", "Moved", "SortOrder", "Spot", "UnknownSpot", "move_photos", "sort_photos"]

# Twelve moves into the same gap before its section is numbered anew; a rank is an integer of 31 bits.
STEP: Final = 4096
LARGEST_RANK: Final = 2**31 - 1
MOST_MOVED: Final = 2000

SortOrder = Literal["captured", "filename", "uploaded"]
# File names as people read them: IMG_2 before IMG_10. Ids are ordered by the time at which the upload was asked for.
_BY_NAME = """lower((regexp_match(filename, '^[^0-9]*'))[1]),
    (regexp_match(filename, '[0-9]+'))[1]::numeric NULLS FIRST, lower(filename), id"""
SORT_ORDERS: Final[dict[SortOrder, str]] = {
    "captured": f"taken_at NULLS LAST, {_BY_NAME}",
    "filename": _BY_NAME,
    "uploaded": "id",
}

_SORT = """
UPDATE galleries_photo SET rank = sorted.n * %(step)s
FROM (
    SELECT id, row_number() OVER (PARTITION BY section_position ORDER BY {terms}) AS n
    FROM galleries_photo
    WHERE gallery_id = %(gallery)s AND (%(position)s::int IS NULL OR section_position = %(position)s)
) AS sorted
WHERE galleries_photo.id = sorted.id
"""
_MOVE = """
UPDATE galleries_photo
SET section_id = %(section)s, section_position = %(position)s, rank = %(low)s + moved.n * %(step)s
FROM (
    SELECT id, row_number() OVER (ORDER BY section_position, rank, id) AS n
    FROM galleries_photo WHERE gallery_id = %(gallery)s AND id = ANY(%(photos)s)
) AS moved
WHERE galleries_photo.id = moved.id
"""


class UnknownSpot(LookupError):
    """The photos, the section or the neighbour named are not, or no longer, in this gallery."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where photos go: behind the photo `after`, or else to the start or the `end` of a section, None for none."""

    after: uuid.UUID | None = None
    section: uuid.UUID | None = None
    end: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The position of the section that took the photos, and whether all its photos have new ranks."""

    section_position: int
    renumbered: bool


@atomic(Photo)
def move_photos(gallery: Gallery, photos: Collection[uuid.UUID], *, to: Spot) -> Moved:
    """Move photos to a spot, in the order in which they stand. Raises UnknownSpot, and then moves none."""
    lock_gallery(gallery)
    rows = Photo.objects.filter(gallery=gallery)
    if not photos or rows.filter(pk__in=photos).count() != len(set(photos)):
        raise UnknownSpot("One of these photos is not in this gallery any more. Load the page again.")
    section_id, position, neighbour = _resolve(gallery, to, moved=photos)
    others = rows.filter(section_position=position).exclude(pk__in=photos)
    gap = _gap(others, to, neighbour=neighbour, count=len(photos))
    if renumbered := gap is None:
        _sort(gallery, position=position, terms="rank, id", step=max(STEP, len(photos) + 1))
        if neighbour:
            neighbour.refresh_from_db(fields=["rank"])
        gap = _gap(others, to, neighbour=neighbour, count=len(photos))
        assert gap is not None  # noqa: S101  # fresh gaps are wider than the number of photos
    low, step = gap
    values = {"gallery": gallery.pk, "photos": list(photos), "section": section_id, "position": position}
    _execute(_MOVE, values | {"low": low, "step": step})
    Gallery.objects.filter(pk=gallery.pk).change()
    return Moved(section_position=position, renumbered=renumbered)


@atomic(Photo)
def sort_photos(gallery: Gallery, *, by: SortOrder, section: Section | None = None) -> None:
    """Sort the photos of each section, or of one; those without a time of capture come last, by file name.

    Raises Section.DoesNotExist for one that is gone.
    """
    lock_gallery(gallery)
    if section:
        section.refresh_from_db(fields=["position"])
    _sort(gallery, position=section.position if section else None, terms=SORT_ORDERS[by], step=STEP)
    Gallery.objects.filter(pk=gallery.pk).change()


def lock_gallery(gallery: Gallery) -> None:
    """Let nobody else arrange this gallery or add photos until the transaction ends. Raises Gallery.DoesNotExist."""
    Gallery.objects.select_for_update(no_key=True).only("pk").get(pk=gallery.pk)


def _resolve(gallery: Gallery, to: Spot, *, moved: Collection[uuid.UUID]) -> tuple[uuid.UUID | None, int, Photo | None]:
    """The section that the spot lies in, its position, and the photo in front of it."""
    if to.after is not None:
        neighbour = Photo.objects.filter(gallery=gallery, pk=to.after).exclude(pk__in=moved).first()
        if neighbour is None:
            raise UnknownSpot("The photo in front of this place is gone. Load the page again.")
        return neighbour.section_id, neighbour.section_position, neighbour
    if to.section is None:
        return None, 0, None
    section = Section.objects.filter(gallery=gallery, pk=to.section).first()
    if section is None:
        raise UnknownSpot("This section is gone. Load the page again.")
    return section.pk, section.position, None


def _gap(others: PhotoQuerySet, to: Spot, *, neighbour: Photo | None, count: int) -> tuple[int, int] | None:
    """The rank below the spot and the step from one photo to the next; None where there is no room."""
    if to.end:
        low, high = _rank(others.in_order().reverse()), None
    elif neighbour:
        low, high = neighbour.rank, _rank(others.after(neighbour))
    else:
        low, high = None, _rank(others.in_order())
    low = -1 if low is None else low
    step = STEP if high is None else (high - low) // (count + 1)
    return (low, step) if step > 0 and low + step * count <= LARGEST_RANK else None


def _rank(photos: PhotoQuerySet) -> int | None:
    return photos.values_list("rank", flat=True).first()


def _sort(gallery: Gallery, *, position: int | None, terms: str, step: int) -> None:
    _execute(_SORT.format(terms=terms), {"gallery": gallery.pk, "position": position, "step": step})


def _execute(statement: str, values: dict[str, Any]) -> None:
    """One UPDATE with a window function, which Django's `update` cannot write."""
    with connections[Photo.objects.db].cursor() as cursor:
        cursor.execute(statement, values)
