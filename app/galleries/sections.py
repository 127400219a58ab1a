"""Sections: add, rename, move and delete. Each holds the gallery's row, so that positions and slugs stay unique."""

from collections.abc import Iterable
from typing import Final, Literal

from django.db.models import F, Max
from django.utils.text import slugify

from app.galleries.models import Gallery, Photo, Section
from app.galleries.ordering import Spot, lock_gallery, move_photos
from serverless.db.shards import atomic

__all__ = ["MOST_SECTIONS", "TooManySections", "add_sections", "delete_section", "move_section", "rename_section"]

MOST_SECTIONS: Final = 50
_SLUG_LENGTH: Final = 60


class TooManySections(ValueError):
    """A gallery holds MOST_SECTIONS sections at most."""


@atomic(Section)
def add_sections(gallery: Gallery, titles: Iterable[str]) -> list[Section]:
    """Add sections behind those that there are. Raises TooManySections, and then adds none."""
    lock_gallery(gallery)
    taken = set(gallery.sections.values_list("slug", flat=True))
    last = gallery.sections.aggregate(last=Max("position"))["last"] or 0
    added = []
    for position, title in enumerate(titles, last + 1):
        slug = _free_slug(title, taken=taken)
        taken.add(slug)
        added.append(Section(studio_id=gallery.studio_id, gallery=gallery, title=title, slug=slug, position=position))
    if len(taken) > MOST_SECTIONS:
        raise TooManySections(f"A gallery holds {MOST_SECTIONS} sections at most.")
    Section.objects.bulk_create(added)
    Gallery.objects.filter(pk=gallery.pk).change()
    return added


@atomic(Section)
def rename_section(section: Section, *, title: str) -> None:
    """Give another title, and the slug that goes with it."""
    lock_gallery(section.gallery)
    taken = section.gallery.sections.exclude(pk=section.pk).values_list("slug", flat=True)
    Section.objects.filter(pk=section.pk).update(title=title, slug=_free_slug(title, taken=set(taken)))
    Gallery.objects.filter(pk=section.gallery_id).change()


@atomic(Section)
def move_section(section: Section, *, to: Literal["up", "down"]) -> bool:
    """Swap with the neighbour; False where there is none. Its photos follow, see Photo.section_position."""
    lock_gallery(section.gallery)
    section.refresh_from_db(fields=["position"])
    sections = Section.objects.filter(gallery=section.gallery_id)
    if to == "up":
        neighbour = sections.filter(position__lt=section.position).order_by("-position").first()
    else:
        neighbour = sections.filter(position__gt=section.position).order_by("position").first()
    if neighbour is None:
        return False
    both = section.position + neighbour.position
    sections.filter(pk__in=[section.pk, neighbour.pk]).update(position=both - F("position"))
    Gallery.objects.filter(pk=section.gallery_id).change()
    return True


@atomic(Section)
def delete_section(section: Section) -> None:
    """Delete the heading; its photos go behind those without a section."""
    lock_gallery(section.gallery)
    photos = list(Photo.objects.filter(section=section, gallery=section.gallery_id).values_list("pk", flat=True))
    if photos:
        move_photos(section.gallery, photos, to=Spot(end=True))
    Section.objects.filter(pk=section.pk).delete()
    Gallery.objects.filter(pk=section.gallery_id).change()


def _free_slug(title: str, *, taken: set[str]) -> str:
    slug = slugify(title)[:_SLUG_LENGTH].strip("-") or "section"
    return next(found for n in range(1, len(taken) + 2) if (found := slug if n == 1 else f"{slug}-{n}") not in taken)
