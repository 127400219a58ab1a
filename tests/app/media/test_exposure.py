import json
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from app.media import Exposure, inspect
from app.media.exposure import exposure
from tests.samples.photos import Samples

MAKE, MODEL = ExifTags.Base.Make, ExifTags.Base.Model


def exif(main: dict[int, object], **details: object) -> Image.Exif:
    data = Image.Exif()
    data.update(main)
    data.get_ifd(ExifTags.IFD.Exif).update({ExifTags.Base[name]: value for name, value in details.items()})
    return data


@pytest.mark.parametrize(
    ("make", "model", "camera"),
    [
        ("Canon", "Canon EOS R5", "Canon EOS R5"),
        ("NIKON CORPORATION", "NIKON Z 9", "NIKON Z 9"),
        ("samsung\0\0", "SM-G970F", "samsung SM-G970F"),
        ("", "X100V", "X100V"),
        ("Leica", None, "Leica"),
        (" ", "\0", None),
        (b"Leica", 7, None),
    ],
)
def test_camera(make: object, model: object, camera: str | None) -> None:
    assert exposure(exif({MAKE: make, MODEL: model})).camera == camera


def test_text_is_one_line_of_visible_characters() -> None:
    """NUL is refused by PostgreSQL; a direction mark would turn the page's own words around."""
    lens = "a\u202eb\x07\n  c\ud800" + "d" * 200
    found = exposure(exif({}, LensModel=lens)).lens
    assert found is not None
    assert found.startswith("ab cd")
    assert len(found) == 80


def test_numbers() -> None:
    found = exposure(
        exif(
            {},
            FocalLength=IFDRational(471, 100),
            FNumber=IFDRational(179, 100),
            ExposureTime=IFDRational(1, 3),
            ISOSpeedRatings=(400, 0),
        )
    )
    assert found == Exposure(focal_length=4.71, aperture=1.79, shutter=0.333333, iso=400)
    assert found.to_dict() == {"focal_length": 4.71, "aperture": 1.79, "shutter": 0.333333, "iso": 400}


@pytest.mark.parametrize("value", [IFDRational(0, 0), IFDRational(5, 0), 0, -1, 1e300, "much", b"", (), ("x",), None])
def test_impossible_numbers_are_left_out(value: object) -> None:
    found = exposure(exif({}, FocalLength=value, FNumber=value, ExposureTime=value, ISOSpeedRatings=value))
    assert found == Exposure()


def test_nothing_else_is_taken() -> None:
    found = exposure(exif({ExifTags.Base.Artist: "Ada"}, BodySerialNumber="123", CameraOwnerName="Ada"))
    assert found.to_dict() == {}


@pytest.mark.samples
def test_real_photos(samples: Samples) -> None:
    assert _inspect(samples.heic).to_dict() == {
        "camera": "Apple iPhone 13 Pro",
        "lens": "iPhone 13 Pro back dual wide camera 5.7mm f/1.5",
        "focal_length": 5.7,
        "aperture": 1.5,
        "shutter": 0.00826446,
        "iso": 125,
        "taken_at": "2023-02-21T14:33:08",
    }
    assert _inspect(samples.small_jpeg) == Exposure(
        camera="Canon PowerShot SX530 HS", focal_length=14.368, aperture=4.5, shutter=0.00125, iso=100,
        taken_at=datetime(2020, 9, 12, 11, 49, 38),  # noqa: DTZ001 - EXIF has no time zone
    )  # fmt: skip
    json.dumps([_inspect(path).to_dict() for path in samples.gps], allow_nan=False)


def _inspect(path: Path) -> Exposure:
    return inspect(BytesIO(path.read_bytes())).exposure
