from typing import BinaryIO

from PIL import ExifTags, Image

from app.media.delivery import edits_for
from app.media.exposure import exposure
from app.media.magic import HEAD_BYTES, identify
from app.media.reading import DAMAGE, decoding, open_photo
from app.media.results import Inspection

_SIDEWAYS = range(5, 9)  # EXIF orientations that swap width and height
_MAX_EXIF_BYTES = 1 << 20


def inspect(source: BinaryIO) -> Inspection:
    """See `app.media.inspect`."""
    source.seek(0)
    found = identify(source.read(HEAD_BYTES))
    with decoding():
        image = open_photo(source, format=found)
        exif = _exif(image, source=source)
        orientation = exif.get(ExifTags.Base.Orientation, 1)
        orientation = orientation if orientation in range(1, 9) else 1
        width, height = image.size
        return Inspection(
            format=found,
            width=height if orientation in _SIDEWAYS else width,
            height=width if orientation in _SIDEWAYS else height,
            orientation=orientation,
            has_gps=any(edit.location for edit in edits_for(source, format=found)),
            exposure=exposure(exif),
        )


def _exif(image: Image.Image, *, source: BinaryIO) -> Image.Exif:
    """The photo's EXIF, or an empty one: damaged metadata is no reason to refuse good pixels."""
    try:
        if image.format == "PNG" and "exif" not in image.info and (late := _exif_after_pixels(source)):
            image.info["exif"] = late
        # Not image.getexif(): PngImageFile's own would decode all pixels to reach a chunk behind them.
        return Image.Image.getexif(image)
    except DAMAGE:
        return Image.Exif()


def _exif_after_pixels(source: BinaryIO) -> bytes:
    """The eXIf chunk of a PNG wherever it stands; some writers put it behind the pixels (PNG 3rd edition, 5.6)."""
    position = 8
    while True:
        source.seek(position)
        head = source.read(8)
        length = int.from_bytes(head[:4])
        if len(head) < 8 or head[4:] == b"IEND":
            return b""
        if head[4:] == b"eXIf" and length <= _MAX_EXIF_BYTES:
            return b"Exif\0\0" + source.read(length)
        position += 12 + length
