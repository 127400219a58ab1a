"""What the API says, as dataclasses: they make the answers, and their annotations become the OpenAPI schemas."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Final, Literal

from django.conf import settings
from django.core.files.storage import default_storage

from app.galleries import models
from app.sharing.locks import Kind
from app.sharing.models import ShareLink

__all__ = ["Gallery", "Link", "Page", "Photo", "Problem", "Rendition", "gallery_of", "link_of", "photo_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gallery:
    """The photos of one occasion."""

    id: uuid.UUID
    slug: Annotated[str, "Unique within the studio."]
    title: str
    event_date: date | None
    status: Annotated[Literal["draft", "published"], "Share links open published galleries only."]
    photo_count: Annotated[int, "Photos that can be shown."]
    version: Annotated[int, "Grows with every visible change of the gallery or its photos."]
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """One file of a photo, upright, in sRGB and without its position. The address is one content's, up to its query."""

    format: Annotated[str, "avif, webp or jpeg; more may follow."]
    width: Annotated[int, "Pixels."]
    height: Annotated[int, "Pixels."]
    url: Annotated[str, "Absolute address, signed: it opens for one to two hours. Ask again rather than keep it."]


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """A photograph that is ready to be shown. Unfinished and refused uploads are not listed."""

    id: uuid.UUID
    gallery_id: uuid.UUID
    filename: Annotated[str, "As it was uploaded. Untrusted text: escape it before you show it."]
    content_type: Annotated[str, "Of the original."]
    bytes: Annotated[int, "Size of the original."]
    sha256: Annotated[str, "Of the original, in hex."]
    width: Annotated[int, "Pixels, upright."]
    height: Annotated[int, "Pixels, upright."]
    taken_at: datetime | None
    thumbhash: Annotated[str, "Placeholder in base64 (https://evanw.github.io/thumbhash/); may be empty."]
    colour: Annotated[str, "Average colour as #rrggbb; may be empty."]
    renditions: Annotated[tuple[Rendition, ...], "By format, then from the smallest to the largest."]
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A share link. Its secret address is shown once, when it is made, and is known to nobody afterwards."""

    id: uuid.UUID
    gallery_id: uuid.UUID
    label: str
    state: Literal["open", "expired", "revoked"]
    lock: Annotated[Literal["none", "pin", "password"], "What it asks for before it opens."]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page[T]:
    """A part of a list."""

    data: tuple[T, ...]
    next: Annotated[str | None, "Address of the next part, also in the Link header; null on the last."]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What went wrong, after RFC 9457."""

    type: Annotated[str, "Address of this kind's description in the OpenAPI document."]
    title: Annotated[str, "The kind in words, the same every time."]
    status: Annotated[int, "The HTTP status."]
    detail: Annotated[str, "What to do about it."]
    instance: Annotated[str, "The path of the request."]


def gallery_of(row: models.Gallery, *, photo_count: int) -> Gallery:
    """Describe a gallery."""
    return Gallery(
        id=row.pk,
        slug=row.slug,
        title=row.title,
        event_date=row.event_date,
        status="published" if row.status == models.Gallery.Status.PUBLISHED else "draft",
        photo_count=photo_count,
        version=row.version,
        created_at=row.created_at,
    )


def photo_of(row: models.Photo, *, signature: str) -> Photo:
    """Describe a photo that is ready: the database holds that such a row has its measures.

    `signature` is the query that opens the files of its gallery.
    """
    return Photo(
        id=row.pk,
        gallery_id=row.gallery_id,
        filename=row.filename,
        content_type=row.content_type,
        bytes=row.bytes,
        sha256=row.sha256,
        width=row.width or 0,
        height=row.height or 0,
        taken_at=row.taken_at,
        thumbhash=row.thumbhash,
        colour=row.colour,
        renditions=tuple(
            _rendition_of(r, signature=signature)
            for r in sorted(row.renditions, key=lambda r: (r["format"], r["width"]))
        ),
        created_at=row.created_at,
    )


def _rendition_of(stored: models.StoredRendition, *, signature: str) -> Rendition:
    return Rendition(
        format=stored["format"],
        width=stored["width"],
        height=stored["height"],
        url=f"{settings.SITE_URL}{default_storage.url(stored['key'])}?{signature}",
    )


_LOCKS: Final[Mapping[Kind, Literal["none", "pin", "password"]]] = {
    Kind.NONE: "none",
    Kind.PIN: "pin",
    Kind.PASSWORD: "password",
}


def link_of(row: ShareLink, *, now: datetime) -> Link:
    """Describe a share link as it is at `now`."""
    closed: Literal["expired", "revoked"] = "revoked" if row.revoked_at else "expired"
    return Link(
        id=row.pk,
        gallery_id=row.gallery_id,
        label=row.label,
        state="open" if row.is_live(now) else closed,
        lock=_LOCKS[row.lock_kind],
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
