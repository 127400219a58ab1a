"""A ready photo as a tile of a client's grid: as little as shows it, because a page may hold thousands.

The average colour is a class of a static style sheet, as the ratio is: `c307` is one of 512 colours, told apart by
the first three bits of red, green and blue. It is seen for a moment, and costs 2 bytes of a compressed page where a
thumbhash costs 30.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from uuid import UUID

from django.core.files.storage import default_storage

from app.galleries.models import Photo, StoredRendition
from app.galleries.pictures import ratio_of

# What a tile reads of its photo.
COLUMNS = ("id", "gallery", "section", "rank", "width", "height", "colour", "renditions")
_LEVELS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """`number` is the photo's place in the gallery, from 1; `width` and `height` are those of its largest rendition.

    `srcset` names every AVIF rendition, so that the lightbox needs no other list; `src` is a JPEG for browsers that
    are older than AVIF.
    """

    pk: UUID
    number: int
    rank: int
    ratio: str
    colour: str
    sizes: str
    srcset: str
    src: str
    width: int
    height: int


def tiles(photos: Iterable[Photo], *, start: int = 1) -> Iterator[Tile]:
    """Arrange ready photos, of which `COLUMNS` were read, numbered from `start`."""
    for number, photo in enumerate(photos, start):
        ratio = ratio_of(photo)
        modern = [r for r in photo.renditions if r["format"] == "avif"]
        plain = [r for r in photo.renditions if r["format"] == "jpeg"]
        largest = max(plain, key=_width)
        folder = default_storage.url(largest["key"]).rpartition("/")[0]
        yield Tile(
            pk=photo.pk,
            number=number,
            rank=photo.rank,
            ratio=f"r{ratio}",
            colour=colour_class(photo.colour),
            # On phones two stand side by side. Elsewhere a row is about 17 rem high, and a little more when it is
            # stretched: 3:2 gets 464 pixels, which the small rendition has.
            sizes=f"(max-width: 40em) 40vw, {ratio * 18 // 100 + 2}rem",
            srcset=", ".join(f"{folder}/{_file(r)} {r['width']}w" for r in sorted(modern, key=_width)),
            src=f"{folder}/{_file(sorted(plain, key=_width)[min(1, len(plain) - 1)])}",
            width=largest["width"],
            height=largest["height"],
        )


def colour_class(colour: str) -> str:
    """The class of `#rrggbb`; nothing for a photo without a colour."""
    return colour and "c" + "".join(str(int(colour[at : at + 2], 16) * _LEVELS // 256) for at in (1, 3, 5))


def colour_rules() -> str:
    """The style sheet `colours.css`, which is kept as a file; a test holds the two together."""
    middles = [f"{(2 * level + 1) * 256 // (2 * _LEVELS):02x}" for level in range(_LEVELS)]
    return "".join(
        f".c{r}{g}{b}{{--c:#{middles[r]}{middles[g]}{middles[b]}}}\n" for r, g, b in product(range(_LEVELS), repeat=3)
    )


def _width(rendition: StoredRendition) -> int:
    return rendition["width"]


def _file(rendition: StoredRendition) -> str:
    return rendition["key"].rpartition("/")[2]
