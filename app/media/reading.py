"""Opening a photo with Pillow: the same limits and the same plain errors for the header and for the pixels."""

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import SEEK_END
from typing import BinaryIO

# Imported by name: Image.open would otherwise import all 40 plugins to find these two.
from PIL import AvifImagePlugin, Image, WebPImagePlugin  # noqa: F401

from app.media.exceptions import RejectedPhoto
from app.media.recipe import MAX_PIXELS, MAX_PIXELS_DECODED_WHOLE, MAX_PIXELS_UNPROVEN, MIN_BITS_PER_PIXEL
from app.media.results import Format
from app.media.wholeness import check_whole, cut_off

# Pillow warns above it and raises above its double; `decoding` turns both into a refusal.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS

# What Pillow and its decoders are known to raise over damaged files; its parsers promise no single error.
DAMAGE = (OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, EOFError, RuntimeError,
          struct.error, zlib.error)  # fmt: skip


@contextmanager
def decoding() -> Iterator[None]:
    """Inside, damage of any kind becomes `RejectedPhoto`. Errors of the file itself (a lost disk) stay as they are."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # oddities in the metadata, which is dropped anyway
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            yield
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise too_large(MAX_PIXELS) from error
        except DAMAGE as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise _damaged(error) from error


def open_photo(source: BinaryIO, *, format: Format) -> Image.Image:  # noqa: A002 - Pillow's own word for it
    """Open `source` and check its size in pixels; only the header is read. To be called inside `decoding()`."""
    if format == "HEIC":
        _register_heic()
    size = source.seek(0, SEEK_END)
    check_whole(source, kind=format, size=size)
    source.seek(0)
    image = Image.open(source, formats=["HEIF" if format == "HEIC" else format])
    _check_pixels(
        image.width * image.height, size=size, limit=MAX_PIXELS if format == "JPEG" else MAX_PIXELS_DECODED_WHOLE
    )
    return image


def too_large(limit: int) -> RejectedPhoto:
    return RejectedPhoto(
        "too_large",
        f"This photo has more than {limit // 1_000_000} megapixels. Please export it in a smaller size.",
    )


def _check_pixels(pixels: int, *, size: int, limit: int) -> None:
    if pixels > limit:
        raise too_large(limit)
    if pixels > MAX_PIXELS_UNPROVEN and size * 8 < pixels * MIN_BITS_PER_PIXEL:
        raise RejectedPhoto(
            "too_large",
            f"This file claims {pixels // 1_000_000} megapixels in {max(size // 1000, 1)} kB, which no photo does. "
            "Please export it again.",
        )


def _damaged(error: Exception) -> RejectedPhoto:
    words = str(error).lower()
    if any(word in words for word in ("truncated", "premature", "end of file", "unexpected end", "eof")):
        return cut_off()
    return RejectedPhoto("corrupt", "This file is damaged and cannot be read. Please export it again.")


@cache
def _register_heic() -> None:
    """Once, with the first HEIC (33 ms of CPU). One decoding thread: each holds tiles of its own."""
    import pi_heif

    pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
