from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Literal

Format = Literal["JPEG", "PNG", "WEBP", "AVIF", "HEIC"]
Name = Literal["small", "medium", "large"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """How the photo was taken, as its EXIF says: what may be shown of it, and nothing else.

    `focal_length` is in mm (of the lens, not its 35 mm equivalent), `aperture` the f-number, `shutter` in seconds.
    """

    camera: str | None = None
    lens: str | None = None
    focal_length: float | None = None
    aperture: float | None = None
    shutter: float | None = None
    iso: int | None = None
    taken_at: datetime | None = None  # the camera's clock, no time zone

    def to_dict(self) -> dict[str, str | float]:
        """What is known, ready for JSON; `taken_at` in ISO 8601."""
        known = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in known.items()
            if value is not None
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What the header and the metadata say. Width and height are upright pixels."""

    format: Format
    width: int
    height: int
    orientation: int  # EXIF 1..8, as stored; 1 where the decoder turns the pixels itself (HEIC)
    has_gps: bool  # any position or place name, in EXIF, XMP or IPTC
    exposure: Exposure


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
