"""The rows, as lines of COPY's text format, from one source of random numbers; nothing here asks a clock or a database.

Ids are version 7 and carry the made-up time of their row, as real ones do: indexes grow at their right edge.
https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.2
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Final

from app.accounts.models import DEFAULT_QUOTA_BYTES
from app.media.recipe import RECIPE_HASH
from app.seeding.sizes import Sizes, shares, skewed, uneven

__all__ = ["COLUMNS", "Rows"]

# Three years that end on a fixed day: the same number makes the same rows whenever it is given.
_BEGIN: Final = datetime(2023, 7, 1, tzinfo=UTC)
_DAYS: Final = 1096
_MILLISECONDS: Final = _DAYS * 86_400_000
_BEGIN_MS: Final = int(_BEGIN.timestamp() * 1000)
_NULL: Final = "\\N"
_MOST_SECTIONS: Final = 4
_TITLES: Final = ("Wedding", "Portraits", "Summer campaign", "Christening", "Conference", "Lookbook", "Birthday")
_NAMES: Final = ("Ada", "Grace", "Charles", "Mary", "Alan", "Hedy", "Edsger", "Barbara", "Donald", "Radia")
# Of a thousand photos: what is not developed, and why.
_STATES: Final = ("ready",) * 970 + ("failed",) * 10 + ("uploaded",) * 10 + ("pending",) * 10
_RENDITIONS: Final = (("avif", "avif"), ("webp", "webp"), ("jpeg", "jpg"))

COLUMNS: Final = {
    "accounts_user": "id, password, is_superuser, email, name, is_staff, is_active, is_verified, created_at",
    "accounts_studio": "id, slug, name, quota_bytes, used_bytes, created_at",
    "accounts_membership": "id, studio_id, user_id, role, created_at",
    "galleries_gallery": "id, studio_id, slug, title, event_date, client, theme, status, version, created_at",
    "galleries_section": "id, studio_id, gallery_id, title, slug, position, created_at",
    "sharing_sharelink": "id, studio_id, gallery_id, label, token_hash, lock, wrong_tries, created_at",
    "galleries_photo": (
        "id, studio_id, gallery_id, section_id, section_position, rank, filename, bytes, content_type, sha256, state, "
        "error, width, height, taken_at, exif, has_gps, original_bytes, original_sha256, crc32, thumbhash, colour, "
        "renditions, created_at, updated_at"
    ),
    "sharing_accessevent": "id, studio_id, gallery_id, link_id, kind, at",
}


@dataclass(slots=True, kw_only=True)
class _Gallery:
    id: str
    studio: str
    ms: int
    sections: list[str]
    photos: int


@dataclass(slots=True, kw_only=True)
class Rows:
    """`tables()` yields each table's name, how many rows it gets, and their lines, in the order to load them.

    `studios` holds their ids as soon as their lines were read, the largest studio's first.
    """

    sizes: Sizes
    seed: int
    _draw: Random = field(init=False)
    studios: list[str] = field(init=False, default_factory=list)
    _owners: list[str] = field(init=False, default_factory=list)
    _galleries: list[_Gallery] = field(init=False, default_factory=list)
    _links: list[str] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        """Begin at the seed."""
        self._draw = Random(self.seed)  # noqa: S311  # made-up rows, not secrets

    def tables(self) -> Iterator[tuple[str, int, Iterator[str]]]:
        """Each table's lines have to be read to their end before the next one's."""
        count = self.sizes.studio_count
        yield "accounts_user", count, self._users()
        yield "accounts_studio", count, self._studio_lines()
        yield "accounts_membership", count, self._memberships()
        yield "galleries_gallery", self.sizes.galleries, self._gallery_lines()
        yield "galleries_section", sum(len(one.sections) for one in self._galleries), self._sections()
        yield "sharing_sharelink", 2 * self.sizes.galleries, self._share_links()
        yield "galleries_photo", self.sizes.photos, self._photos()
        yield "sharing_accessevent", self.sizes.events, self._events()

    def _id(self, ms: int) -> str:
        bits = self._draw.getrandbits(74)
        return f"{ms << 80 | 7 << 76 | (bits >> 62) << 64 | 2 << 62 | bits & (1 << 62) - 1:032x}"

    def _users(self) -> Iterator[str]:
        for n in range(self.sizes.studio_count):
            # "!" is no password: nobody signs in with one (django.contrib.auth.hashers).
            values = (self._id(_BEGIN_MS + n), "!", "f", f"owner-{self.seed}-{n}@seed.invalid", f"Owner {n}")
            self._owners.append(values[0])
            yield _line(*values, "f", "t", "t", _at(_BEGIN_MS + n))

    def _studio_lines(self) -> Iterator[str]:
        for n in range(self.sizes.studio_count):
            name, studio = "The large studio" if n == 0 else f"Studio {n}", self._id(_BEGIN_MS + n)
            self.studios.append(studio)
            yield _line(studio, f"seed-{self.seed}-{n}", name, 100 * DEFAULT_QUOTA_BYTES, 0, _at(_BEGIN_MS + n))

    def _memberships(self) -> Iterator[str]:
        for n, (owner, studio) in enumerate(zip(self._owners, self.studios, strict=True)):
            yield _line(self._id(_BEGIN_MS + n), studio, owner, "owner", _at(_BEGIN_MS + n))

    def _gallery_lines(self) -> Iterator[str]:
        draw, sizes = self._draw, self.sizes
        of_studio = shares(sizes.galleries, skewed(sizes.studio_count), least=1)
        photos = shares(sizes.photos, uneven(sizes.galleries, draw))
        n = 0
        for studio, count in zip(self.studios, of_studio, strict=True):
            for ms in sorted(_BEGIN_MS + draw.randrange(_MILLISECONDS) for _ in range(count)):
                sections = [self._id(ms) for _ in range(max(draw.randint(-_MOST_SECTIONS, _MOST_SECTIONS), 0))]
                gallery = _Gallery(id=self._id(ms), studio=studio, ms=ms, sections=sections, photos=photos[n])
                self._galleries.append(gallery)
                client, day = f"{draw.choice(_NAMES)} & {draw.choice(_NAMES)}", _at(ms)[:10]
                status = "published" if draw.random() < 0.9 else "draft"
                title = f"{draw.choice(_TITLES)} {n}"
                yield _line(gallery.id, studio, f"gallery-{n}", title, day, client, "auto", status, 1, _at(ms))
                n += 1

    def _sections(self) -> Iterator[str]:
        for one in self._galleries:
            for position, section in enumerate(one.sections, start=1):
                title = f"Part {position}"
                yield _line(section, one.studio, one.id, title, f"part-{position}", position, _at(one.ms))

    def _share_links(self) -> Iterator[str]:
        for one in self._galleries:
            for label in ("Clients", "Family"):
                link = self._id(one.ms + 3_600_000)
                self._links.append("\t".join((one.studio, one.id, link)))
                # The hash of no token that anybody knows: nobody comes in by these.
                hashed = f"{self._draw.getrandbits(256):064x}"
                yield _line(link, one.studio, one.id, label, hashed, "", 0, _at(one.ms + 3_600_000))

    def _photos(self) -> Iterator[str]:
        for one in self._galleries:
            parts = len(one.sections) + 1
            for n in range(one.photos):
                # Parts of the same length; a gallery begins with what has no section.
                part = n * parts // one.photos
                yield self._photo(one, n, section=one.sections[part - 1] if part else _NULL, position=part)

    def _photo(self, one: _Gallery, n: int, *, section: str, position: int) -> str:
        draw, ms = self._draw, one.ms + n
        photo, state, size = self._id(ms), draw.choice(_STATES), draw.randrange(4_000_000, 14_000_000)
        wide = draw.random() < 0.7
        width, height = (6000, 4000) if wide else (4000, 6000)
        at, original = _at(ms), f"{draw.getrandbits(256):064x}"
        head = (
            photo, one.studio, one.id, section, position, 1024 * (n + 1), f"DSC_{n:05d}.jpg", size, "image/jpeg",
            f"{draw.getrandbits(256):064x}", state, "This file is cut off." if state == "failed" else "",
        )  # fmt: skip
        if state != "ready":
            tail = (_NULL, _NULL, _NULL, "{}", "f", _NULL, "", _NULL, "", "", "[]")
        else:
            exif = '{"camera": "NIKON Z 6_2", "lens": "50 mm f/1.8", "iso": 400}'
            colour = f"#{draw.getrandbits(24):06x}"
            files = _renditions(one, photo, wide=wide)
            tail = (
                str(width), str(height), at, exif, "f", str(size), original, str(draw.getrandbits(32)),
                "1QcSHQRnh493V4dIh4eXh1h4kJUI", colour, files,
            )  # fmt: skip
        return _line(*head, *tail, at, at)

    def _events(self) -> Iterator[str]:
        # In the order of time, as tasks write them: a few galleries are opened by crowds, most by a family.
        draw, total = self._draw, self.sizes.events
        weights = list(accumulate(uneven(len(self._links), draw)))
        step, size = _MILLISECONDS / max(total, 1), 10_000
        for begin in range(0, total, size):
            links = draw.choices(self._links, cum_weights=weights, k=min(size, total - begin))
            for n, link in enumerate(links, start=begin):
                ms = _BEGIN_MS + int(n * step)
                yield f"{self._id(ms)}\t{link}\topened\t{_at(ms)}\n"


def _renditions(one: _Gallery, photo: str, *, wide: bool) -> str:
    base, files = f"media/{_dashed(one.studio)}/{_dashed(one.id)}/{_dashed(photo)}/{RECIPE_HASH}", []
    for name, long in (("small", 480), ("medium", 1280)):
        width, height = (long, long * 2 // 3) if wide else (long * 2 // 3, long)
        files += [
            f'{{"name":"{name}","format":"{kind}","width":{width},"height":{height},"key":"{base}/{name}.{extension}"}}'
            for kind, extension in _RENDITIONS
        ]
    return f"[{','.join(files)}]"


def _dashed(text: str) -> str:
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _at(ms: int) -> str:
    return f"{_BEGIN + timedelta(milliseconds=ms - _BEGIN_MS):%Y-%m-%d %H:%M:%S.%f}+00"


def _line(*values: object) -> str:
    # None of them holds a tab, a line's end or a backslash, but for NULL's own.
    return "\t".join(map(str, values)) + "\n"
