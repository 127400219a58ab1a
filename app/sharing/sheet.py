"""The photographs of a gallery's page, rendered once a version and kept in the cache for whoever looks next.

What is kept names no link: addresses in it are relative to the gallery's own. Its key is made of everything that it
shows and of the markup that shows it, so that nothing stale is ever found. One renders it and the others who want it
wait for that one; without the cache everybody renders.
"""

import hashlib
import json
import uuid
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache as once

from django.db.models import Count, Max, Q
from django.db.models.functions import Now
from django.template.loader import get_template, render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from app.galleries.groups import cover_of, grouped
from app.galleries.models import Gallery, Photo
from app.galleries.queries import LONGEST_DEVELOPMENT
from app.galleries.tiles import COLUMNS, Tile, tiles
from serverless.cache import get_or_compute, versioned_key

_TEMPLATES = ("sharing/sections.html", "sharing/cover.html")
# Not a template: one of Django's takes 45 us for these twelve values, and there may be thousands of tiles.
_TILE = (
    '<li class="tile {0.ratio} {0.colour}" id="photo-{0.pk}" data-rank="{0.rank}"><a href="{0.pk}/"><picture>{1}'
    '<img src="{2}" width="{0.width}" height="{0.height}" alt="Photo {0.number}" loading="lazy" decoding="async">'
    "</picture></a></li>\n"
)
_SOURCE = '<source type="image/avif" srcset="{0}" sizes="{1.sizes}">'
_KEPT_SECONDS = 300
# A signed upload that has not arrived by then was given up.
_LONGEST_UPLOAD = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How far a gallery is: photos to be seen, waiting for their renditions, being sent; in database time.

    With its version, since a replica may be behind: under a version that is newer than the photos they would be kept.
    """

    version: int
    cover_id: uuid.UUID | None
    ready: int
    developing: int
    arriving: int
    latest: datetime | None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """HTML: the cover's picture, and tabs and grids of all photos."""

    cover: SafeString
    photos: SafeString


def state_of(gallery: Gallery) -> State:
    """One query."""
    ready = Q(photos__state="ready")
    found = (
        Gallery.objects.filter(pk=gallery.pk)
        .values("pk")
        .annotate(
            ready=Count("photos", filter=ready),
            developing=Count(
                "photos", filter=Q(photos__state="uploaded", photos__updated_at__gt=Now() - LONGEST_DEVELOPMENT)
            ),
            arriving=Count("photos", filter=Q(photos__state="pending", photos__updated_at__gt=Now() - _LONGEST_UPLOAD)),
            latest=Max("photos__updated_at", filter=ready),
            now=Now(),
        )
        .values("version", "cover_id", "ready", "developing", "arriving", "latest", "now")
        .get()
    )
    return State(**found)


def sheet_of(gallery: Gallery, state: State) -> Sheet:
    """The sheet as of `state`, or newer; no query if it is in the cache, two if not."""
    # 650 kB for 800 photos, and 60 kB like this. On delivery day hundreds ask for a version that is new.
    kept = get_or_compute(
        _key(gallery, state),
        lambda: zlib.compress(json.dumps(_render(gallery)).encode(), 1),
        ttl=_KEPT_SECONDS,
    )
    cover, photos = json.loads(zlib.decompress(kept))
    return Sheet(cover=mark_safe(cover), photos=mark_safe(photos))  # noqa: S308  # our own templates' output


def tiles_html(found: Iterable[Tile]) -> SafeString:
    """Tiles as they stand in a grid. What is not a number or a name of ours is escaped."""
    return mark_safe("".join(map(_tile_html, found)))  # noqa: S308


def _tile_html(tile: Tile) -> str:
    source = _SOURCE.format(escape(tile.srcset), tile) if tile.srcset else ""
    return _TILE.format(tile, source, escape(tile.src))


def _render(gallery: Gallery) -> tuple[str, str]:
    photos = list(Photo.objects.filter(gallery=gallery).ready().in_order().only(*COLUMNS))
    sections, start = [], 1
    for group in grouped(photos, gallery.sections.all()):
        html = tiles_html(tiles(group.photos, start=start))
        sections.append({"section": group.section, "count": len(group.photos), "tiles": html})
        start += len(group.photos)
    cover = cover_of(gallery, photos)
    return (
        render_to_string("sharing/cover.html", {"tile": next(tiles([cover]))}) if cover else "",
        render_to_string("sharing/sections.html", {"sections": sections}) if sections else "",
    )


def _key(gallery: Gallery, state: State) -> str:
    shown = (state.cover_id, state.ready, state.latest, _form())
    return versioned_key("sharing:sheet", of=gallery.pk, version=state.version, shown=shown)


@once
def _form() -> str:
    sources = _TILE + _SOURCE + "".join(get_template(name).template.source for name in _TEMPLATES)  # type: ignore[attr-defined]
    return hashlib.sha256(sources.encode()).hexdigest()
