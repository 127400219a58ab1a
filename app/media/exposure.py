"""The part of EXIF that is shown. Everything else, serial numbers and owners' names included, stays in the file."""

import math
import unicodedata
from datetime import datetime
from typing import SupportsFloat

from PIL import ExifTags, Image

from app.media.reading import DAMAGE
from app.media.results import Exposure

_LONGEST_TEXT = 80
# Wider than any camera: what lies beyond is damage. A telescope has 10 m, Noctilux f/0.95, a night an hour or two.
_MAX_FOCAL_LENGTH, _MAX_APERTURE, _MAX_SHUTTER, _MAX_ISO = 20_000, 512, 86_400, 10_000_000


def exposure(exif: Image.Exif) -> Exposure:
    """What `exif` says, field by field: a damaged or impossible one is left out."""
    details = _details(exif)
    iso = _number(details.get(ExifTags.Base.ISOSpeedRatings), most=_MAX_ISO)
    return Exposure(
        camera=_camera(_text(exif.get(ExifTags.Base.Make)), _text(exif.get(ExifTags.Base.Model))),
        lens=_text(details.get(ExifTags.Base.LensModel)),
        focal_length=_number(details.get(ExifTags.Base.FocalLength), most=_MAX_FOCAL_LENGTH),
        aperture=_number(details.get(ExifTags.Base.FNumber), most=_MAX_APERTURE),
        shutter=_number(details.get(ExifTags.Base.ExposureTime), most=_MAX_SHUTTER),
        iso=round(iso) if iso else None,
        taken_at=_taken_at(details),
    )


def _details(exif: Image.Exif) -> dict[int, object]:
    try:
        return exif.get_ifd(ExifTags.IFD.Exif)
    except DAMAGE:
        return {}


def _camera(make: str | None, model: str | None) -> str | None:
    """`Canon` and `Canon EOS R5` are one name; `samsung` and `SM-G970F` are two."""
    if not make or not model:
        return model or make
    return model if model.lower().startswith(make.split()[0].lower()) else f"{make} {model}"


def _text(value: object) -> str | None:
    """One line of visible characters: no NUL (PostgreSQL refuses it), no control or direction marks."""
    if not isinstance(value, str):
        return None
    visible = "".join(" " if char.isspace() else char for char in value.partition("\0")[0])
    visible = "".join(char for char in visible if unicodedata.category(char)[0] != "C")
    return " ".join(visible.split())[:_LONGEST_TEXT] or None


def _number(value: object, *, most: float) -> float | None:
    if isinstance(value, tuple) and value:  # some cameras write two ISO values, the first of which counts
        value = value[0]
    try:
        number = float(value) if isinstance(value, SupportsFloat) else math.nan
    except DAMAGE:
        return None
    return float(f"{number:.6g}") if 0 < number <= most else None


def _taken_at(details: dict[int, object]) -> datetime | None:
    value = str(details.get(ExifTags.Base.DateTimeOriginal, ""))
    try:
        return datetime.strptime(value.strip(" \0")[:19], "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - EXIF has no time zone
    except ValueError:
        return None
