"""Photos under their headings, and the one on top: arranged in memory from what a page has read anyway."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.galleries.models import Gallery, Photo, Section


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Photos of one section, or those without one: then `section` is None and there is no heading."""

    section: Section | None
    photos: tuple[Photo, ...]


def grouped(photos: Iterable[Photo], sections: Iterable[Section], *, keep_empty: bool = False) -> list[Group]:
    """Put photos under their sections; asks the database nothing.

    Both come in order (`Photo.objects.in_order()`, `gallery.sections.all()`). Photos without a section are the first
    group, unless there are none. Sections without photos are left out unless `keep_empty`.
    """
    headings = list(sections)
    known = {section.pk for section in headings}
    members: dict[uuid.UUID | None, list[Photo]] = {}
    for photo in photos:  # a section that was deleted between the two reads has no heading any more
        members.setdefault(photo.section_id if photo.section_id in known else None, []).append(photo)
    first = [Group(section=None, photos=tuple(members[None]))] if None in members else []
    return first + [
        Group(section=section, photos=tuple(members.get(section.pk, ())))
        for section in headings
        if keep_empty or section.pk in members
    ]


def cover_of(gallery: Gallery, photos: Sequence[Photo]) -> Photo | None:
    """The gallery's cover among `photos`, its ready ones in order: the chosen one, else the first in landscape
    format, else the first. Asks the database nothing.
    """
    chosen = (photo for photo in photos if photo.pk == gallery.cover_id)
    landscape = (photo for photo in photos if (photo.width or 0) > (photo.height or 0))
    return next(chosen, None) or next(landscape, None) or next(iter(photos), None)
