from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Format = Literal["JPEG", "PNG", "WEBP", "AVIF", "HEIC"]
Name = Literal["small", "medium", "large"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What the header says. Width and height are upright pixels, `taken_at` is the camera's clock (no time zone)."""

    format: Format
    width: int
    height: int
    orientation: int  # EXIF 1..8, as stored; 1 where the decoder turns the pixels itself (HEIC)
    has_gps: bool
    taken_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """One encoded file, ready to be stored as `{name}.{extension}`."""

    name: Name
    extension: str
    content_type: str
    width: int
    height: int
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Developed:
    """`thumbhash` is base64 (at most 36 characters), `colour` the average as `#rrggbb` for pages without JavaScript."""

    thumbhash: str
    colour: str
    renditions: Iterator[Rendition]
