import zlib
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from app.media import Inspection, inspect
from tests.app.media.darkroom import encoded
from tests.samples.photos import Samples


def exif(*, orientation: int = 1, taken_at: str | None = None, latitude: float | None = None) -> Image.Exif:
    data = Image.Exif()
    data[ExifTags.Base.Orientation] = orientation
    if taken_at is not None:
        data.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = taken_at
    if latitude is not None:
        data.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (latitude, 0.0, 0.0)
    return data


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_width_and_height_are_upright(kind: str) -> None:
    photo = encoded(Image.new("RGB", (60, 40)), kind, exif=exif(orientation=6).tobytes())
    found = inspect(photo)
    assert (found.format, found.orientation, found.width, found.height) == (kind, 6, 40, 60)


@pytest.mark.parametrize("nonsense", [0, 9, 65535])
def test_an_impossible_orientation_counts_as_upright(nonsense: int) -> None:
    found = inspect(encoded(Image.new("RGB", (60, 40)), "JPEG", exif=exif(orientation=nonsense).tobytes()))
    assert (found.orientation, found.width, found.height) == (1, 60, 40)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2024:05:17 18:03:59", datetime(2024, 5, 17, 18, 3, 59)),  # noqa: DTZ001 - EXIF has no time zone
        ("0000:00:00 00:00:00", None),
        ("    :  :     :  :  ", None),
        ("yesterday", None),
        (None, None),
    ],
)
def test_the_time_of_the_camera(written: str | None, read: datetime | None) -> None:
    photo = encoded(Image.new("RGB", (8, 8)), "JPEG", exif=exif(taken_at=written).tobytes())
    assert inspect(photo).exposure.taken_at == read


def test_a_position_is_found_in_exif_xmp_and_iptc() -> None:
    pixels = Image.new("RGB", (8, 8))
    assert not inspect(encoded(pixels, "JPEG")).has_gps
    assert inspect(encoded(pixels, "JPEG", exif=exif(latitude=48.0).tobytes())).has_gps
    xmp = b'<rdf:Description exif:GPSLatitude="48,8.25N"/>'
    assert inspect(encoded(pixels, "JPEG", xmp=xmp)).has_gps
    assert inspect(encoded(pixels, "WEBP", xmp=xmp)).has_gps
    plain = encoded(pixels, "JPEG").getvalue()
    city = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x0a\x1c\x02\x5a\0\x05Mainz"
    assert inspect(BytesIO(plain[:2] + b"\xff\xed" + (len(city) + 2).to_bytes(2) + city + plain[2:])).has_gps


def test_exif_behind_the_pixels_of_a_png_counts() -> None:
    plain = encoded(Image.new("RGB", (60, 40))).getvalue()
    body = exif(orientation=8).tobytes().removeprefix(b"Exif\0\0")
    chunk = len(body).to_bytes(4) + b"eXIf" + body + zlib.crc32(b"eXIf" + body).to_bytes(4)
    end = plain.rindex(b"IEND") - 4
    found = inspect(BytesIO(plain[:end] + chunk + plain[end:]))
    assert (found.orientation, found.width, found.height) == (8, 40, 60)


def test_no_pixel_is_decoded() -> None:
    """A photo whose pixels are all missing has a sound header."""
    whole = encoded(Image.effect_noise((800, 600), 60), "PNG").getvalue()
    found = inspect(BytesIO(whole[: whole.index(b"IDAT") + 4]))
    assert (found.width, found.height) == (800, 600)


def test_a_png_is_not_read_to_its_end() -> None:
    class Counting(BytesIO):
        taken = 0

        def read(self, size: int | None = -1, /) -> bytes:
            content = super().read(size)
            self.taken += len(content)
            return content

    photo = Counting(encoded(Image.effect_noise((800, 600), 60)).getvalue())
    inspect(photo)
    assert photo.taken < 5_000 < 400_000 < len(photo.getvalue())


def test_broken_metadata_does_not_cost_the_photo() -> None:
    photo = encoded(Image.new("RGB", (60, 40)), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\x01\x12" * 20)
    assert inspect(photo).width == 60


@pytest.mark.samples
def test_real_photos(samples: Samples) -> None:
    assert all(_inspect(path).has_gps for path in samples.gps)
    upside_down = _inspect(samples.rotated)
    assert (upside_down.orientation, upside_down.width, upside_down.height) == (3, 4000, 3000)
    assert upside_down.exposure.taken_at == datetime(2020, 1, 24, 23, 11, 53)  # noqa: DTZ001 - EXIF has no time zone
    heic = _inspect(samples.heic)
    assert (heic.format, heic.width, heic.height, heic.orientation) == ("HEIC", 4032, 3024, 1)
    assert not _inspect(samples.jpeg_24mp).has_gps
    assert not _inspect(samples.pillow("empty_gps_ifd.jpg")).has_gps


def _inspect(path: Path) -> Inspection:
    with path.open("rb") as source:
        return inspect(source)
