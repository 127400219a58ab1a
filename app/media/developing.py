"""From the original to the renditions, stage by stage:

    open (pixel limit) -> draft (JPEG: decode at 1/2, 1/4, 1/8) -> decode -> 8 bit -> resize to "large"
    -> flatten -> sRGB -> upright -> "medium" from "large", "small" from "medium" -> encode one at a time

Resizing comes before everything that touches each pixel, and each size is made from the next larger one: together
about half of the CPU and a third of the memory of the same steps on the whole original.
"""

from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO

from PIL import Image, ImageFile

from app.media import colour, thumbhash
from app.media.memory import keep_some, make_room
from app.media.reading import decoding, open_photo
from app.media.recipe import ENCODERS, SIZES, Encoder
from app.media.results import Developed, Inspection, Name, Rendition

keep_some()

# Pixels. 17 MP of progressive JPEG at 4:4:4 take 100 MB on top of what is kept.
_NEEDS_ROOM = 15_000_000

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def develop(source: BinaryIO, *, inspection: Inspection) -> Developed:
    """See `app.media.develop`."""
    with decoding():
        largest = _decode(source, inspection=inspection)
    sizes = _cascade(largest)
    pixels, width, height = _thumbnail(next(iter(sizes.values())))
    return Developed(
        thumbhash=thumbhash.encode(pixels, width=width, height=height),
        colour=_average(pixels),
        renditions=_encode_all(sizes),
    )


def _decode(source: BinaryIO, *, inspection: Inspection) -> Image.Image:
    image = open_photo(source, format=inspection.format)
    icc_profile = image.info.get("icc_profile")
    size = _fit(image.size, max(SIZES.values()))
    # A baseline JPEG is scaled while it is read; a progressive one is held whole, as coefficients.
    held_whole = image.format != "JPEG" or "progressive" in image.info
    if held_whole and image.width * image.height > _NEEDS_ROOM:
        make_room()
    image.draft(None, size)
    image.load()
    image = colour.to_eight_bit(image)
    image = _resize(image, size)
    image = colour.to_srgb(colour.flatten(image), icc_profile=icc_profile)
    if inspection.orientation in _UPRIGHT:
        image = image.transpose(_UPRIGHT[inspection.orientation])
    if isinstance(image, ImageFile.ImageFile):  # nothing was resized: it still reads from `source`
        image = image.copy()
    image.info = {}  # Pillow's encoders copy comments and profiles from here
    return image


def _cascade(largest: Image.Image) -> dict[Name, Image.Image]:
    """Small first. A photo that is smaller than a size stops there: no two names show the same pixels."""
    made: dict[Name, Image.Image] = {}
    edge = max(largest.size)
    names = sorted(SIZES, key=SIZES.__getitem__)
    needed = [name for name, below in zip(names, [0, *sorted(SIZES.values())], strict=False) if edge > below]
    image = largest
    for name in reversed(needed):
        image = _resize(image, _fit(image.size, SIZES[name]))
        made[name] = image
    return dict(reversed(made.items()))


def _encode_all(sizes: dict[Name, Image.Image]) -> Iterator[Rendition]:
    for name, image in sizes.items():
        for encoder in ENCODERS:
            yield _encode(image, name=name, encoder=encoder)


def _encode(image: Image.Image, *, name: Name, encoder: Encoder) -> Rendition:
    file = BytesIO()
    image.save(file, encoder.format, **dict(encoder.options))
    return Rendition(
        name=name,
        extension=encoder.extension,
        content_type=encoder.content_type,
        width=image.width,
        height=image.height,
        content=file.getvalue(),
    )


def _fit(size: tuple[int, int], edge: int) -> tuple[int, int]:
    """`size` scaled so that its long edge is at most `edge`; never enlarged."""
    scale = min(1.0, edge / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _resize(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    if image.size == size:
        return image
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _thumbnail(image: Image.Image) -> tuple[list[tuple[int, int, int]], int, int]:
    small = image.resize(_fit(image.size, thumbhash.MAX_EDGE), Image.Resampling.BOX).convert("RGB")
    flat = small.tobytes()
    return list(zip(flat[::3], flat[1::3], flat[2::3], strict=True)), small.width, small.height


def _average(pixels: list[tuple[int, int, int]]) -> str:
    return "#" + "".join(f"{round(sum(channel) / len(pixels)):02x}" for channel in zip(*pixels, strict=True))
