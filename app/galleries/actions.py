"""Writes that cross rows, one verb each. Everything that others may see happens in one transaction."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError
from django.db.models.functions import Now
from django.utils.text import slugify

from app.accounts.models import Studio
from app.accounts.quota import change_usage, lock_studio
from app.galleries.checksums import Checksums
from app.galleries.models import LONGEST_ERROR, Gallery, Photo, StoredRendition
from app.galleries.ordering import lock_gallery
from app.galleries.sections import add_sections
from serverless.db.shards import atomic
from serverless.ids import uuid7

_SLUG_LENGTH = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Developed:
    """What developing found out and made."""

    width: int
    height: int
    taken_at: datetime | None
    exif: Mapping[str, str | float]
    has_gps: bool
    original: Checksums
    thumbhash: str
    colour: str
    renditions: Sequence[StoredRendition]


@atomic(Gallery)
def create_gallery(
    studio: Studio,
    *,
    title: str,
    event_date: date | None = None,
    client: str = "",
    sections: Sequence[str] = (),
) -> Gallery:
    """Make a draft gallery with its first sections; its slug is unique in the studio."""
    pk = uuid7()
    slug = slugify(title)[:_SLUG_LENGTH].strip("-") or "gallery"
    gallery = Gallery(pk=pk, studio=studio, slug=slug, title=title, event_date=event_date, client=client)
    try:
        with atomic(Gallery):  # asking first would let two clicks at once find the slug free
            gallery.save(force_insert=True)
    except IntegrityError:
        gallery.slug = f"{slug}-{pk.hex[-8:]}"
        gallery.save(force_insert=True)
    if sections:
        add_sections(gallery, sections)
    return gallery


def change_gallery(gallery: Gallery, *, title: str, event_date: date | None, client: str, theme: str) -> None:
    """Change what is known of a gallery. Its slug stays."""
    Gallery.objects.filter(pk=gallery.pk).change(title=title, event_date=event_date, client=client, theme=theme)


@atomic(Gallery)
def choose_cover(gallery: Gallery, photo_id: uuid.UUID | None) -> bool:
    """Put a ready photo of the gallery on top, or with None leave the choice to Loupe; False for any other photo."""
    lock_gallery(gallery)  # else the photo could be deleted between the two statements
    if photo_id and not Photo.objects.filter(gallery=gallery, pk=photo_id).ready().exists():
        return False
    return bool(Gallery.objects.filter(pk=gallery.pk).change(cover=photo_id))


@atomic(Gallery)
def finish_photo(photo: Photo, result: Developed) -> bool:
    """Mark the photo ready unless another run has settled it; True for the run that did it."""
    # The gallery's row before the photo's, as whoever arranges takes them. Without a gallery there is no photo either.
    Gallery.objects.select_for_update(no_key=True).only("pk").filter(pk=photo.gallery_id).first()
    settled = Photo.objects.filter(pk=photo.pk, state=Photo.State.UPLOADED).update(
        state=Photo.State.READY,
        width=result.width,
        height=result.height,
        taken_at=result.taken_at,
        exif=dict(result.exif),
        has_gps=result.has_gps,
        original_bytes=result.original.bytes,
        original_sha256=result.original.sha256,
        crc32=result.original.crc32,
        thumbhash=result.thumbhash,
        colour=result.colour,
        renditions=list(result.renditions),
        updated_at=Now(),
    )
    if settled:
        Gallery.objects.filter(pk=photo.gallery_id).change()
    return bool(settled)


@atomic(Gallery)
def fail_photo(photo_id: uuid.UUID | str, *, reason: str) -> bool:
    """Mark the photo failed for a reason its owner understands, unless another run has settled it."""
    photo = Photo.objects.filter(pk=photo_id).only("studio_id", "bytes").first()
    if photo is None:
        return False
    lock_studio(photo.studio_id)
    failed = Photo.objects.filter(pk=photo_id, state=Photo.State.UPLOADED).update(
        state=Photo.State.FAILED, error=reason[:LONGEST_ERROR], updated_at=Now()
    )
    if failed:
        change_usage(photo.studio_id, by=-photo.bytes)
    return bool(failed)
