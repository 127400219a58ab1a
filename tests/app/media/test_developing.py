from io import BytesIO

import exifread
import pytest
from PIL import ExifTags, Image, ImageDraw, ImageOps, PngImagePlugin

from app.media import ENCODERS, SIZES, develop, inspect
from tests.app.media.darkroom import difference, encoded, only, renditions, run
from tests.samples.photos import Samples

EXTENSIONS = [encoder.extension for encoder in ENCODERS]


def drawing(width: int = 300, height: int = 200) -> Image.Image:
    """No two corners alike, and smooth: what turned, mirrored or changed its colours shows."""
    image = Image.merge(
        "RGB", [Image.linear_gradient("L").rotate(turn).resize((width, height)) for turn in (0, 90, 180)]
    )
    ImageDraw.Draw(image).rectangle((10, 10, width // 3, height // 4), fill="white")
    return image


def oriented(orientation: int) -> bytes:
    data = Image.Exif()
    data[ExifTags.Base.Orientation] = orientation
    return data.tobytes()


def test_three_sizes_in_three_formats_small_first() -> None:
    made = renditions(encoded(Image.new("RGB", (3000, 1500), "teal"), "JPEG"))
    assert [(one.name, one.extension) for one in made] == [(name, ext) for name in SIZES for ext in EXTENSIONS]
    for one in made:
        image = Image.open(BytesIO(one.content))
        assert image.size == (one.width, one.height) == (SIZES[one.name], SIZES[one.name] // 2)
        assert image.get_format_mimetype() == one.content_type


@pytest.mark.parametrize(
    ("size", "made"),
    [
        ((200, 100), {"small": (200, 100)}),
        ((480, 480), {"small": (480, 480)}),
        ((481, 100), {"small": (480, 100), "medium": (481, 100)}),
        ((600, 900), {"small": (320, 480), "medium": (600, 900)}),
        ((1280, 1), {"small": (480, 1), "medium": (1280, 1)}),
        ((1, 1), {"small": (1, 1)}),
        ((1281, 1280), {"small": (480, 480), "medium": (1280, 1279), "large": (1281, 1280)}),
    ],
)
def test_a_photo_is_never_enlarged(size: tuple[int, int], made: dict[str, tuple[int, int]]) -> None:
    found = renditions(encoded(Image.new("RGB", size, "teal")))
    assert {one.name: (one.width, one.height) for one in found} == made


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_ends_upright(orientation: int, kind: str) -> None:
    photo = encoded(drawing(), kind, exif=oriented(orientation), quality=95)
    upright = ImageOps.exif_transpose(Image.open(photo))
    found = inspect(photo)
    assert (found.width, found.height) == upright.size
    for extension in EXTENSIONS:
        shown = only(renditions(photo), name="small", extension=extension)
        assert shown.getexif().get(ExifTags.Base.Orientation, 1) == 1
        assert difference(shown, upright) < 4


@pytest.mark.parametrize("frames", [1, 2])
def test_the_source_may_be_closed_before_encoding(frames: int) -> None:
    """An animated grey PNG that is not resized would go on reading its frames while it is encoded."""
    more = [drawing().convert("L").rotate(180)] * (frames - 1)
    with encoded(drawing().convert("L"), save_all=True, append_images=more) as source:
        developed = develop(source, inspection=inspect(source))
    assert len(list(developed.renditions)) == len(EXTENSIONS)


def test_nothing_of_the_metadata_is_left() -> None:
    secret = b"SECRET-GARDEN"
    pixels = drawing()
    data = Image.Exif()
    data[ExifTags.Base.Artist] = secret.decode()
    data.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (48.0, 8.0, 15.0)
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", secret.decode())
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\x12\x1c\x02\x5a\0\x0d" + secret
    jpeg = encoded(pixels, "JPEG", exif=data.tobytes(), xmp=secret, comment=secret).getvalue()
    segment = b"\xff\xed" + (len(iptc) + 2).to_bytes(2) + iptc
    for photo in (
        BytesIO(jpeg[:2] + segment + jpeg[2:]),
        encoded(pixels, "PNG", exif=data.tobytes(), pnginfo=text),
        encoded(pixels, "WEBP", exif=data.tobytes(), xmp=secret),
        encoded(pixels, "AVIF", exif=data.tobytes(), xmp=secret),
    ):
        assert secret in photo.getvalue()
        for one in renditions(photo):
            _assert_bare(one.content)
            assert secret not in one.content


def _assert_bare(content: bytes) -> None:
    """No EXIF, XMP, IPTC, comment or profile, by Pillow, by exifread, and by their marks in the bytes."""
    image = Image.open(BytesIO(content))
    assert not image.getexif()
    assert not {"exif", "xmp", "photoshop", "comment", "icc_profile"} & image.info.keys()
    for mark in (b"Exif\0", b"EXIF", b"http://ns.adobe.com", b"xpacket", b"GPSL", b"8BIM", b"XMP ", b"ICC_PROFILE"):
        assert mark not in content
    if image.format != "AVIF":  # exifread takes an AVIF without metadata for broken
        assert not exifread.process_file(BytesIO(content), details=False)


@pytest.mark.samples
def test_real_positions_are_gone(samples: Samples) -> None:
    for path in (samples.rotated, samples.png, samples.heic):
        made = renditions(path)
        assert len(made) == 9 if path != samples.png else 6
        for one in made:
            _assert_bare(one.content)


@pytest.mark.samples
def test_a_rotated_photo_is_upright(samples: Samples) -> None:
    with Image.open(samples.rotated) as original:
        original.draft("RGB", (1280, 960))
        upright = ImageOps.exif_transpose(original).resize((480, 360))
    shown = only(renditions(samples.rotated), name="small")
    assert difference(shown, upright) < 4
    assert difference(shown.rotate(180), upright) > 10


@pytest.mark.samples
@pytest.mark.parametrize("name", ["rot0mir0", "rot1mir0", "rot2mir1", "rot3mir1", "rot1mir1"])
def test_an_avif_is_turned_as_its_boxes_say(samples: Samples, name: str) -> None:
    photo = samples.pillow(f"avif/{name}.avif")
    with Image.open(photo) as stored:
        upright = ImageOps.exif_transpose(stored)
    assert difference(only(renditions(photo), name="medium"), upright) < 4


@pytest.mark.samples
@pytest.mark.parametrize(("photo", "decoding", "in_all"), [("jpeg_24mp", 110, 150), ("jpeg_17mp", 200, 230)])
def test_the_heaviest_photos_fit_an_environment(samples: Samples, photo: str, decoding: int, in_all: int) -> None:
    """In MB over a bare interpreter, Pillow included. 350 MB is the whole environment's; Django, boto3 and its clients
    take 75 of it before the first photo.

    24 MP fit into little because they are decoded at half their size (without that: 162 MB); 17 MP in a square are
    the worst case, decoded whole for the largest rendition there is.
    """
    printed = run(
        """
        import sys
        from app.media import develop, inspect
        before = peak()
        with open(sys.argv[1], "rb") as source:
            developed = develop(source, inspection=inspect(source))
        decoded = peak()
        assert sum(1 for _ in developed.renditions) == 9
        print(decoded - before, peak() - before)
        """,
        str(getattr(samples, photo)),
    )
    after_decoding, after_all = map(int, printed.split())
    assert after_decoding < decoding
    assert after_all < in_all
