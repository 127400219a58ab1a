"""The darkroom: the bytes of one photo go in, renditions come out.

Enters: a seekable binary file. `inspect` reads its header alone and says what it is, or raises `RejectedPhoto` with
a sentence for the photographer. `develop` decodes it once and hands out upright sRGB renditions without any metadata,
encoded one at a time, with a placeholder to show while they load. `without_location` is the original, pixels and all,
rid of where it was taken.
Touches: memory only. It knows no model, no gallery, no storage; keys and rows are the caller's.

Pillow (55 ms of CPU to import) is loaded by the first call, not by this import: the web function builds URLs from
`RECIPE_HASH` and never decodes a photo.
"""

from typing import BinaryIO

from app.media.exceptions import RejectedPhoto
from app.media.recipe import ENCODERS, MAX_PIXELS, RECIPE_HASH, SIZES
from app.media.results import Developed, Exposure, Inspection, Rendition

__all__ = [
    "ENCODERS",
    "MAX_PIXELS",
    "RECIPE_HASH",
    "SIZES",
    "Developed",
    "Exposure",
    "Inspection",
    "RejectedPhoto",
    "Rendition",
    "develop",
    "inspect",
    "without_location",
]


def inspect(source: BinaryIO) -> Inspection:
    """Read what `source` is from its first bytes, its header and its metadata; no pixel is decoded.

    Raises `RejectedPhoto` for a file that is empty, of another type, unreadable, too large, or a decompression bomb,
    and for one whose metadata cannot be searched for a position.
    A file whose header is sound and whose pixels are not is found by `develop`.
    """
    from app.media.inspection import inspect as read_header

    return read_header(source)


def develop(source: BinaryIO, *, inspection: Inspection) -> Developed:
    """Decode `source` once; encode each rendition when the returned iterator asks for it, the smallest size first.

    All decoding happens in this call: it raises `RejectedPhoto` for a cut-off or damaged file before any rendition
    exists. `source` may be closed afterwards.
    """
    from app.media.developing import develop as decode

    return decode(source, inspection=inspection)


def without_location(source: BinaryIO, *, inspection: Inspection) -> BinaryIO | None:
    """`source` as it may be delivered, without position and place in its metadata; None if it has neither.

    Returns a seekable view that reads `source` anew at each call, so keep `source` open, and use one at a time. The
    pixels are the same bytes, other metadata stays. Metadata that cannot be read is emptied, so that there may be a
    view though `has_gps` is false. Raises `RejectedPhoto` if something would be left.
    """
    from app.media.delivery import without_location as clean

    return clean(source, inspection=inspection)
