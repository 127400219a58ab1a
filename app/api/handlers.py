"""What each endpoint answers. Everything is looked up among the rows of the token's studio."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from app.api.files import Files
from app.api.paging import Call, page_of
from app.api.problems import NOT_FOUND, Refusal
from app.api.resources import gallery_of, link_of, photo_of
from app.galleries.models import Gallery, Photo, media_prefix
from app.sharing.models import ShareLink
from app.web.keyset import NEWEST_FIRST, Keyset

AS_SHOWN = Keyset(fields=("section_position", "rank"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A resource that is made only if the caller does not have it yet.

    `version` names its content without making it. What it begins with is a number that no change leaves as it was.
    """

    body: Callable[[], Any]
    version: tuple[int, *tuple[object, ...]]


def galleries(call: Call) -> Answer:
    """List the studio's galleries, newest first."""
    version = Gallery.objects.of(call.studio).fingerprint()
    return Answer(version=(version,), body=partial(page_of, call, _galleries(call), NEWEST_FIRST, present=_gallery))


def gallery(call: Call, *, gallery_id: uuid.UUID) -> Answer:
    """Describe one gallery."""
    found = _find(_galleries(call), gallery_id)
    return Answer(version=_version(found), body=lambda: _gallery(found))


def photos(call: Call, *, gallery_id: uuid.UUID) -> Answer:
    """List a gallery's photos in the order in which it shows them."""
    found = _find(Gallery.objects.of(call.studio), gallery_id)
    rows = Photo.objects.of(call.studio).filter(gallery=found).ready()
    files = Files(prefix=media_prefix(found.studio_id, found.pk))

    def body() -> object:
        return page_of(call, rows, AS_SHOWN, present=partial(photo_of, signature=files.query()))

    return Answer(version=(*_version(found), files.ends_at), body=body)


def photo(call: Call, *, photo_id: uuid.UUID) -> Answer:
    """Describe one photo."""
    found = _find(Photo.objects.of(call.studio).ready().select_related("gallery"), photo_id)
    files = Files(prefix=media_prefix(found.studio_id, found.gallery_id))
    version = (*_version(found.gallery), files.ends_at)
    return Answer(version=version, body=lambda: photo_of(found, signature=files.query()))


def links(call: Call, *, gallery_id: uuid.UUID) -> Answer:
    """List a gallery's share links, newest first. Their secret addresses are not known any more."""
    now = timezone.now()
    found = _find(Gallery.objects.of(call.studio).annotate(expired_links=_expired_links(now)), gallery_id)
    rows = ShareLink.objects.of(call.studio).filter(gallery=found)
    # What a link is changes with its gallery's version, and by itself when its time is over.
    version = (*_version(found), found.expired_links)  # type: ignore[attr-defined]  # annotated
    return Answer(version=version, body=partial(page_of, call, rows, NEWEST_FIRST, present=partial(link_of, now=now)))


def _expired_links(now: datetime) -> Coalesce:
    expired = ShareLink.objects.filter(gallery=OuterRef("pk"), expires_at__lte=now).order_by().values("gallery")
    count = Subquery(expired.annotate(count=Count("pk")).values("count"), output_field=IntegerField())
    return Coalesce(count, 0)


def _galleries(call: Call) -> QuerySet[Gallery]:
    # A subquery, so that PostgreSQL counts for the rows of one page and not for the studio's whole archive.
    ready = Photo.objects.ready().filter(gallery=OuterRef("pk")).order_by().values("gallery")
    count = Subquery(ready.annotate(count=Count("pk")).values("count"), output_field=IntegerField())
    return Gallery.objects.of(call.studio).annotate(photo_count=Coalesce(count, 0))


def _gallery(row: Gallery) -> object:
    return gallery_of(row, photo_count=row.photo_count)  # type: ignore[attr-defined]  # annotated


def _version(row: Gallery) -> tuple[int, uuid.UUID]:
    return row.version, row.pk


def _find[M: (Gallery, Photo)](rows: QuerySet[M], pk: uuid.UUID) -> M:
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Refusal(NOT_FOUND, "There is nothing of your studio under this id.")
    return found
