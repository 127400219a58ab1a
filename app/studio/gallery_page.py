"""The page of a gallery's photos: a part of them at a time, under their headings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import render

from app.accounts.access import StudioRequest
from app.galleries.models import LARGEST_UPLOAD, Gallery, Photo, Section
from app.galleries.pictures import Picture, picture
from app.studio.forms import ShownAfter
from app.uploads.files import CONTENT_TYPES

# About 1.3 kB of HTML each; the next part is fetched before the last row comes into view.
PHOTOS_A_PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """The top of a section; `section` is None for the photos without one. `order` sorts among the tiles' keys."""

    section: Section | None
    count: int
    order: str


type Row = Heading | Picture


def gallery_page(request: StudioRequest, gallery: Gallery, *, problem: str = "") -> HttpResponse:
    """Show a gallery's photos, from the beginning or behind `?after=`; `problem` says why a form was refused."""
    after = _after(request, gallery)
    ready = Photo.objects.filter(gallery=gallery).ready()
    photos = list((ready.after(after) if after else ready.in_order())[: PHOTOS_A_PAGE + 1])
    more = len(photos) > PHOTOS_A_PAGE
    photos = photos[:PHOTOS_A_PAGE]
    sections = list(gallery.sections.all())
    states = _counts(gallery)
    rows = list(_rows(photos, sections, after=after, more=more, counts=states["ready_by_position"]))
    context = states | {
        "gallery": gallery,
        "studio": request.studio,
        "sections": sections,
        "rows": rows,
        "tiles": photos,
        "beginning": after is None,
        "next": photos[-1].order_key if more else "",
        "failed": Photo.objects.filter(gallery=gallery, state=Photo.State.FAILED).in_order(),
        "unfinished": Photo.objects.filter(gallery=gallery).stopped().count(),
        "accept": ",".join(sorted(CONTENT_TYPES)) + ",.heic,.heif,.avif",
        "largest": LARGEST_UPLOAD,
        "problem": problem,
    }
    return render(request, "studio/gallery.html", context, status=422 if problem else 200)


def _after(request: StudioRequest, gallery: Gallery) -> Photo | None:
    key = request.GET.get("after")
    if not key:
        return None
    try:
        return ShownAfter(gallery, key).photo
    except ValueError:
        raise Http404("No photo has this place.") from None


def _counts(gallery: Gallery) -> dict[str, Any]:
    """How many photos there are in each state, and how many can be shown in each section; one query."""
    found = Photo.objects.filter(gallery=gallery).order_by().values_list("state", "section_position")
    ready_by_position: dict[int, int] = {}
    totals = dict.fromkeys(Photo.State.values, 0)
    for state, position, count in found.annotate(count=Count("pk")):
        totals[state] += count
        if state == Photo.State.READY:
            ready_by_position[position] = count
    return {
        "ready_by_position": ready_by_position,
        "ready_count": totals[Photo.State.READY],
        "working": totals[Photo.State.UPLOADED],
        "settled": totals[Photo.State.READY] + totals[Photo.State.FAILED],
    }


def _rows(
    photos: Sequence[Photo], sections: Sequence[Section], *, after: Photo | None, more: bool, counts: dict[int, int]
) -> Iterator[Row]:
    """Tiles and, where there are sections, the headings that come into this part. A heading belongs to the part with
    its first photo; an empty section to the part in which its place is.
    """
    shown, last = (after.section_position if after else -1), (photos[-1].section_position if more else inf)
    headings = [Heading(section=None, count=counts.get(0, 0), order="00000")] if sections else []
    headings += [Heading(section=s, count=counts.get(s.position, 0), order=f"{s.position:05d}") for s in sections]
    coming = [heading for heading in headings if shown < int(heading.order) <= last]
    for photo in photos:
        while coming and int(coming[0].order) <= photo.section_position:
            yield coming.pop(0)
        yield picture(photo)
    yield from coming
