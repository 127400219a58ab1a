"""A photo as a page shows it: sources for `<picture>`, and the class that carries its ratio.

A strict content security policy forbids style attributes, and a page kept on a CDN can have no nonce, so the grid's
ratios are classes of a static style sheet: `r150` is 1.50.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.files.storage import default_storage

from app.galleries.models import Photo, StoredRendition

NARROWEST, WIDEST = 40, 300
# The best first: a browser takes the first source it understands.
_SOURCES = ("avif", "webp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One `<source>`: MIME type and srcset."""

    type: str
    srcset: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A photo for a template: sizes in pixels, `ratio` as a class, `sizes` for tiles of the grid."""

    photo: Photo
    sources: tuple[Source, ...]
    srcset: str
    src: str
    width: int
    height: int
    ratio: str
    sizes: str


def picture(photo: Photo) -> Picture:
    """Arrange the renditions of a ready photo."""
    jpegs = _of_format(photo.renditions, "jpeg")
    largest = jpegs[-1]
    ratio = ratio_of(photo)
    return Picture(
        photo=photo,
        sources=tuple(
            Source(type=f"image/{name}", srcset=_srcset(found))
            for name in _SOURCES
            if (found := _of_format(photo.renditions, name))
        ),
        srcset=_srcset(jpegs),
        src=default_storage.url(largest["key"]),
        width=largest["width"],
        height=largest["height"],
        ratio=f"r{ratio}",
        # Tiles are about 9 rem high on phones and 20 rem elsewhere, and as wide as their ratio asks.
        sizes=f"(max-width: 40em) {ratio * 9 // 100 + 2}rem, {ratio * 20 // 100 + 2}rem",
    )


def pictures(photos: Iterable[Photo]) -> list[Picture]:
    """Arrange several."""
    return [picture(photo) for photo in photos]


def ratio_of(photo: Photo) -> int:
    """Width by height in hundredths, held within what a row of the grid can carry."""
    return max(NARROWEST, min(WIDEST, round(100 * (photo.width or 1) / (photo.height or 1))))


def ratio_rules() -> str:
    """The style sheet `ratios.css`, which is kept as a file; a test holds the two together."""
    return "".join(f".r{n}{{--r:{n / 100:g}}}\n" for n in range(NARROWEST, WIDEST + 1))


def _of_format(renditions: Iterable[StoredRendition], name: str) -> list[StoredRendition]:
    return sorted((r for r in renditions if r["format"] == name), key=lambda r: r["width"])


def _srcset(renditions: Iterable[StoredRendition]) -> str:
    return ", ".join(f"{default_storage.url(r['key'])} {r['width']}w" for r in renditions)
