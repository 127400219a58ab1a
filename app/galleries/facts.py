"""How a photo was taken, in the words of photographers: 1/250 s, f/2.8, ISO 400."""

from collections.abc import Mapping
from datetime import datetime

_SLOWEST_FRACTION = 0.3  # seconds; cameras show 1/4 and 0.3"


def facts(exif: Mapping[str, str | float]) -> list[tuple[str, str]]:
    """Name and value for each thing that is known; `exif` as `Photo.exif` keeps it."""
    shown = {
        "Camera": exif.get("camera"),
        "Lens": exif.get("lens"),
        "Focal length": _with("{} mm", exif.get("focal_length")),
        "Aperture": _with("f/{}", exif.get("aperture")),
        "Shutter": _shutter(exif.get("shutter")),
        "ISO": exif.get("iso"),
        "Taken": _taken(exif.get("taken_at")),
    }
    return [(name, str(value)) for name, value in shown.items() if value]


def _with(text: str, number: str | float | None) -> str | None:
    """The number with one digit where it has one: 50, 4.7."""
    return text.format(f"{round(float(number), 1):g}") if number else None


def _shutter(seconds: str | float | None) -> str | None:
    if not seconds:
        return None
    length = float(seconds)
    return f"1/{round(1 / length)} s" if length < _SLOWEST_FRACTION else f"{round(length, 1):g} s"


def _taken(moment: str | float | None) -> str | None:
    """The camera's clock, as it stood."""
    return datetime.fromisoformat(str(moment)).strftime("%-d %B %Y, %H:%M") if moment else None
