"""Pixels of any kind to 8-bit grey or sRGB without alpha, which is what every browser shows alike."""

from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageChops, ImageCms

_SRGB = ImageCms.createProfile("sRGB")
_VISIBLE_STEPS = 2  # of 255; the many files called "sRGB" differ from each other by one or two


def to_eight_bit(image: Image.Image) -> Image.Image:
    """Mode L, RGB or CMYK, or RGBA where something is transparent; before resizing, which needs true channels."""
    if image.mode.startswith("I"):  # 16-bit grey; convert("L") would clip at 255 rather than scale
        return image.point(lambda value: value * (1 / 256)).convert("L")
    if image.has_transparency_data:
        return image if image.mode == "RGBA" else image.convert("RGBA")
    if image.mode in {"L", "RGB", "CMYK"}:
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def flatten(image: Image.Image) -> Image.Image:
    """Transparency on white, in every format alike: JPEG has none, and a photo must not change with the format."""
    if image.mode != "RGBA":
        return image
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image)
    return paper


def to_srgb(image: Image.Image, *, icc_profile: bytes | None) -> Image.Image:
    """Pixels of mode L, RGB or CMYK in sRGB; without a usable profile they are taken for sRGB already."""
    transform = _transform(icc_profile, image.mode) if icc_profile else None
    if transform is not None:
        return transform.apply(image)
    return image.convert("RGB") if image.mode == "CMYK" else image


@lru_cache(maxsize=8)  # the photos of one shoot carry the same profile; building a transform costs milliseconds
def _transform(icc_profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    try:
        transform = ImageCms.buildTransform(
            ImageCms.ImageCmsProfile(BytesIO(icc_profile)),
            _SRGB,
            mode,
            "RGB",
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return None  # broken, or made for another kind of pixels
    return None if mode == "RGB" and _changes_nothing(transform) else transform


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """Try a grid of 729 colours: 0.1 ms, where converting a large rendition for nothing takes 50."""
    steps = [round(step * 255 / 8) for step in range(9)]
    grid = Image.frombytes("RGB", (27, 27), bytes(v for r in steps for g in steps for b in steps for v in (r, g, b)))
    extrema = ImageChops.difference(grid, transform.apply(grid)).getextrema()
    return max(high for _, high in extrema) <= _VISIBLE_STEPS  # type: ignore[misc]
