"""The reference for everything that develops photos: the same Pillow work in a bare loop, without our engine.

Same sizes, formats and options, and the same good practice (scaled JPEG decoding, resizing first, each size from the
larger one). Left out is what the engine adds: inspection, refusals, colour profiles, transparency, placeholders.
"""

from io import BytesIO
from pathlib import Path

import pi_heif
from PIL import Image, ImageOps

from app.media import ENCODERS, SIZES

pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)


def develop(path: Path) -> list[bytes]:
    """All renditions of the photo at `path`, encoded one after the other."""
    sizes = sorted(SIZES.values(), reverse=True)
    encoded = []
    with Image.open(path) as original:
        original.draft(None, _fit(original.size, sizes[0]))
        image = original.resize(_fit(original.size, sizes[0]), Image.Resampling.LANCZOS, reducing_gap=2.0)
        image.info = {"exif": original.getexif().tobytes()}
    ImageOps.exif_transpose(image, in_place=True)
    for edge in sizes:
        image = image.resize(_fit(image.size, edge), Image.Resampling.LANCZOS, reducing_gap=2.0)
        image.info = {}
        for encoder in ENCODERS:
            file = BytesIO()
            image.save(file, encoder.format, **dict(encoder.options))
            encoded.append(file.getvalue())
    return encoded


def _fit(size: tuple[int, int], edge: int) -> tuple[int, int]:
    scale = min(1.0, edge / max(size))
    return round(size[0] * scale), round(size[1] * scale)
