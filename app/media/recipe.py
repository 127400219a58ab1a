"""How every photo is developed. Whatever changes the pixels belongs here, because the recipe's hash is part of keys
that are cached for a year. The figures were measured on one core with 12-24 MP photos (`benchmarks/renditions.py`)."""

import hashlib
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from types import MappingProxyType

from app.media.results import Name

# Raise it when the engine's pixels change without a change of the values below (another resampling filter, say).
ENGINE_VERSION = 1

# Long edge in pixels. small: a tile of the grid, 240 CSS pixels at two dots each, as two columns on a phone need.
# medium: a whole phone screen, 430 CSS pixels at three dots. large: a 2560 x 1440 screen, or 1280 CSS pixels at two.
SIZES: Mapping[Name, int] = MappingProxyType({"small": 480, "medium": 1280, "large": 2560})

# 102 MP medium format and 108 MP phones pass. A JPEG is decoded at a half, quarter or eighth of its size, so that its
# pixels cost little; the other formats are decoded whole, at 4 bytes a pixel (10-bit HEIC: 16), and 64 MP lets every
# full-frame camera through.
MAX_PIXELS = 110_000_000
MAX_PIXELS_DECODED_WHOLE = 64_000_000

# Deflate cannot exceed 1032:1 (https://zlib.net/zlib_tech.html), so an RGB PNG of one single colour still has 0.023
# bits a pixel, and photographs have 0.2 and more. Up to 25 MP a bomb costs no more than a photo and is let through.
MAX_PIXELS_UNPROVEN = 25_000_000
MIN_BITS_PER_PIXEL = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder:
    """A file format and the options that Pillow's `save` gets for it."""

    format: str
    extension: str
    content_type: str
    options: tuple[tuple[str, int | bool], ...]


ENCODERS = (
    # Speed 9 takes 0.45 s for three sizes of a 12 MP photo, speed 8 takes 1.7 s and speed 6 3.9 s, for files that are
    # 2 and 4 % smaller at the same PSNR. Quality 65 looks like JPEG 82 and is 30 % smaller. One thread: an environment
    # has one core, and aom allocates for each thread.
    Encoder(
        format="AVIF",
        extension="avif",
        content_type="image/avif",
        options=(("quality", 65), ("speed", 9), ("max_threads", 1)),
    ),
    # Method 2 takes 0.25 s where the default 4 takes 0.6 s for 4 % less; only browsers older than AVIF get it.
    Encoder(format="WEBP", extension="webp", content_type="image/webp", options=(("quality", 80), ("method", 2))),
    # Progressive costs 0.1 s, saves 4 % and shows something early.
    Encoder(
        format="JPEG", extension="jpg", content_type="image/jpeg", options=(("quality", 82), ("progressive", True))
    ),
)

RECIPE_HASH = hashlib.sha256(
    repr((ENGINE_VERSION, sorted(SIZES.items()), [astuple(encoder) for encoder in ENCODERS])).encode()
).hexdigest()[:10]
