from io import BytesIO
from typing import Literal

import pytest
from PIL import Image, ImageCms, ImageStat

from app.media import develop, inspect
from app.media.colour import to_srgb
from tests.app.media.darkroom import difference, encoded, only, renditions
from tests.samples.photos import Samples


def profile(space: Literal["LAB", "XYZ", "sRGB"] = "sRGB") -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(space)).tobytes()


def shown(photo: BytesIO, at: tuple[int, int] = (32, 32)) -> tuple[int, ...]:
    """The colour of one pixel of the JPEG rendition."""
    pixel = only(renditions(photo), name="small").convert("RGB").getpixel(at)
    assert isinstance(pixel, tuple)
    return tuple(int(channel) for channel in pixel)


def near(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= 6


@pytest.mark.parametrize(
    ("image", "kind", "colour"),
    [
        (Image.new("L", (64, 64), 90), "PNG", (90, 90, 90)),
        (Image.new("1", (64, 64), 1), "PNG", (255, 255, 255)),
        (Image.new("P", (64, 64), 3), "PNG", None),
        (Image.new("I;16", (64, 64), 90 * 256), "PNG", (90, 90, 90)),
        (Image.new("LA", (64, 64), (0, 0)), "PNG", (255, 255, 255)),
        (Image.new("RGBA", (64, 64), (200, 0, 0, 0)), "PNG", (255, 255, 255)),
        (Image.new("RGBA", (64, 64), (0, 0, 0, 128)), "WEBP", (127, 127, 127)),
        (Image.new("RGBA", (64, 64), (10, 60, 200, 255)), "PNG", (10, 60, 200)),
        (Image.new("CMYK", (64, 64), (255, 0, 0, 0)), "JPEG", (0, 255, 255)),
        (Image.new("L", (64, 64), 90), "JPEG", (90, 90, 90)),
    ],
    ids=lambda value: value.mode if isinstance(value, Image.Image) else None,
)
def test_every_kind_of_pixel(image: Image.Image, kind: str, colour: tuple[int, int, int] | None) -> None:
    if image.mode == "P":
        image.putpalette([0, 0, 0, 0, 0, 0, 0, 0, 0, 30, 120, 60])
    assert near(shown(encoded(image, kind)), colour or (30, 120, 60))


def test_a_transparent_palette_is_white() -> None:
    image = Image.new("P", (64, 64), 1)
    image.putpalette([0, 0, 0, 200, 30, 30])
    assert shown(encoded(image, transparency=1)) == (255, 255, 255)


def test_transparency_is_alike_in_every_format() -> None:
    image = Image.new("RGBA", (64, 64), (200, 30, 30, 100))
    for extension in ("avif", "webp", "jpg"):
        made = only(renditions(encoded(image)), name="small", extension=extension)
        assert made.mode == "RGB"
        assert difference(made, Image.new("RGB", (64, 64), (233, 167, 167))) < 3


def test_pixels_in_srgb_are_left_alone() -> None:
    image = Image.linear_gradient("L").convert("RGB")
    assert to_srgb(image, icc_profile=profile()) is image
    assert to_srgb(image, icc_profile=None) is image


@pytest.mark.parametrize(
    "broken",
    [b"", b"nonsense", profile()[:60], profile("LAB"), profile("XYZ")],
    ids=["empty", "nonsense", "cut off", "LAB", "XYZ"],  # profiles hold the time they were made at
)
def test_an_unusable_profile_is_ignored(broken: bytes) -> None:
    photo = encoded(Image.new("RGB", (64, 64), (10, 60, 200)), icc_profile=broken)
    assert near(shown(photo), (10, 60, 200))


def test_the_average_colour_is_the_photos() -> None:
    photo = encoded(Image.new("RGB", (64, 64), (10, 60, 200)))
    assert develop(photo, inspection=inspect(photo)).colour == "#0a3cc8"


@pytest.mark.samples
def test_camera_photos_in_another_space_match_their_srgb_twins(samples: Samples) -> None:
    for path, twin in samples.raw_pairs:
        with Image.open(path) as stored, Image.open(twin) as wanted:
            assert difference(only(renditions(path), name="small"), wanted) < 3
            assert difference(stored, wanted) > 10


@pytest.mark.samples
@pytest.mark.parametrize(
    ("name", "colour"), [("P3-sRGB-red", (255, 0, 0)), ("R2020-sRGB-green", (0, 255, 0)), ("rgb-to-gbr-test", None)]
)
def test_a_wide_gamut_becomes_srgb(samples: Samples, name: str, colour: tuple[int, int, int] | None) -> None:
    photo = next((samples.root / "libjxl-testdata").rglob(f"{name}.png"))
    made = only(renditions(photo), name="medium").convert("RGB")
    if colour is None:  # its profile swaps the channels
        with Image.open(photo) as stored:
            assert difference(made, stored) > 50
    else:
        mean = ImageStat.Stat(made.crop((5, 5, 60, 60))).mean
        assert near(tuple(map(round, mean)), colour)


@pytest.mark.samples
def test_cmyk_with_a_press_profile(samples: Samples) -> None:
    made = only(renditions(samples.pillow("pil_sample_cmyk.jpg")), name="small")
    assert made.mode == "RGB"
    with Image.open(samples.pillow("pil_sample_rgb.jpg")) as wanted:
        assert difference(made, wanted) < 30


@pytest.mark.samples
@pytest.mark.parametrize("name", ["RGB_16__128x128", "RGBA_16__128x128", "LA_16__128x128"])
def test_sixteen_bits_become_eight(samples: Samples, name: str) -> None:
    folder = samples.root / "pillow-heif" / "non_heif"
    made = only(renditions(folder / f"{name}.png"), name="small").convert("RGB")
    assert 5 < ImageStat.Stat(made).mean[0] < 250
