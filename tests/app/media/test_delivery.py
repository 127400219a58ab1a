"""Originals as they are delivered: no position is left, and nothing else is lost."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from random import Random
from typing import BinaryIO

import exifread
import pytest
from PIL import ExifTags, Image, PngImagePlugin

from app.media import RejectedPhoto, develop, inspect, without_location
from app.media.location import find_location
from tests.app.media.darkroom import encoded, run
from tests.samples.photos import Samples

PLACE = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description xmp:Rating="4" exif:GPSLatitude="48,8.25N"'
    b' photoshop:City="Mainz"><dc:title>Wedding</dc:title></rdf:Description></rdf:RDF></x:xmpmeta>'
)
KEPT = {"make": "Leica", "orientation": 6, "taken_at": "2024:05:17 18:03:59"}


def exif(*, gps: bool = True) -> Image.Exif:
    data = Image.Exif()
    data[ExifTags.Base.Make] = KEPT["make"]
    data[ExifTags.Base.Orientation] = KEPT["orientation"]
    data.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = KEPT["taken_at"]
    if gps:
        data.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (50.0, 7.0, 30.0), 3: "E", 4: (8.0, 1.0, 2.0)})
    return data


def located(kind: str) -> bytes:
    """A photo with a position in EXIF and in XMP."""
    pixels = Image.effect_noise((64, 48), 60).convert("RGB")
    if kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_itxt("XML:com.adobe.xmp", PLACE.decode())
        return encoded(pixels, kind, exif=exif().tobytes(), pnginfo=text).getvalue()
    return encoded(pixels, kind, exif=exif().tobytes(), xmp=PLACE).getvalue()


def delivered(content: bytes) -> bytes | None:
    source = BytesIO(content)
    view = without_location(source, inspection=inspect(source))
    return view.read() if view is not None else None


POINTERS = {0x8769, 0x8825}  # offsets, which are no facts


def facts(image: Image.Image) -> dict[object, object]:
    """Every value of the EXIF but the position; NaN is not equal to itself, its text is."""
    data = image.getexif()
    parts = {"main": dict(data), "exif": data.get_ifd(ExifTags.IFD.Exif), "second": data.get_ifd(ExifTags.IFD.IFD1)}
    return {
        (part, tag): str(value) for part, found in parts.items() for tag, value in found.items() if tag not in POINTERS
    }


def assert_nowhere(content: bytes) -> None:
    """No reader finds a position: ours, ExifRead, Pillow."""
    assert not inspect(BytesIO(content)).has_gps
    with Image.open(BytesIO(content)) as image:
        assert not {2, 4, 6} & set(image.getexif().get_ifd(ExifTags.IFD.GPSInfo))
        assert b"GPSL" not in bytes(str(image.info.get("xmp", "")), "utf-8")
    if content[:4] != b"RIFF":  # ExifRead wants the prefix `Exif` in a WebP, which Pillow leaves out
        try:
            tags = exifread.process_file(BytesIO(content), details=False)
        except AssertionError:  # ExifRead's own, over an Exif item without the customary prefix
            return
        assert not [tag for tag in tags if tag.startswith("GPS")]


def assert_alike(one: bytes, other: bytes) -> None:
    with Image.open(BytesIO(one)) as before, Image.open(BytesIO(other)) as after:
        assert facts(before) == facts(after)
        assert before.info.get("icc_profile") == after.info.get("icc_profile")
        assert (before.mode, before.size) == (after.mode, after.size)
        assert before.tobytes() == after.tobytes()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_position_leaves_every_format_and_nothing_else_does(kind: str) -> None:
    photo = located(kind)
    cleaned = delivered(photo)
    assert cleaned is not None
    assert_nowhere(cleaned)
    assert_alike(photo, cleaned)
    found = inspect(BytesIO(cleaned))
    assert (found.orientation, found.exposure.camera) == (6, "Leica")
    assert found.exposure.taken_at is not None
    assert b'xmp:Rating="4"' in cleaned
    assert b"<dc:title>Wedding</dc:title>" in cleaned
    assert b"Mainz" not in cleaned
    assert delivered(cleaned) is None


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_photo_without_a_position_is_delivered_as_it_is(kind: str) -> None:
    data = exif(gps=False).tobytes()
    photo = encoded(Image.new("RGB", (20, 10)), kind, exif=data, xmp=PLACE[:70] + b"/></rdf:RDF></x:xmpmeta>")
    assert not inspect(photo).has_gps
    assert without_location(photo, inspection=inspect(photo)) is None


@pytest.mark.samples
def test_real_photos(samples: Samples) -> None:
    for path in samples.gps:
        photo = path.read_bytes()
        cleaned = delivered(photo)  # which also teaches Pillow HEIC
        assert cleaned is not None
        assert_nowhere(cleaned)
        assert_alike(photo, cleaned)
        assert delivered(cleaned) is None
        if path != samples.png:
            assert len(cleaned) == len(photo)


@pytest.mark.filterwarnings("ignore")  # what Pillow thinks of its broken files
@pytest.mark.samples
def test_the_corpora_hold_no_position_afterwards(samples: Samples) -> None:
    """Whatever Pillow can open is developed to the same pixels, and no reader finds a position."""
    cleaned_files = 0
    for path in small_files(samples):
        photo = path.read_bytes()
        try:
            cleaned = delivered(photo)
        except RejectedPhoto:
            continue
        if cleaned is not None:
            cleaned_files += 1
            assert_nowhere(cleaned)
            assert renditions_or_refusal(photo) == renditions_or_refusal(cleaned)
    assert cleaned_files >= 8


def small_files(samples: Samples) -> Iterator[Path]:
    for folder in ("pillow", "pillow-heif"):
        yield from (path for path in sorted((samples.root / folder).rglob("*")) if 0 < size(path) < 400_000)


def size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def renditions_or_refusal(content: bytes) -> object:
    source = BytesIO(content)
    try:
        return next(develop(source, inspection=inspect(source)).renditions)
    except RejectedPhoto as refused:
        return refused.code


@pytest.mark.filterwarnings("ignore")
@pytest.mark.samples
def test_damaged_exif_is_read_or_emptied(samples: Samples) -> None:
    """600 mutations of real EXIF: always the same pixels, never a position that a reader would find."""
    random = Random(20240517)  # noqa: S311 - a seed, not a secret
    whole = samples.rotated.read_bytes()
    head = whole[12 : whole.index(b"\xff\xdb")]
    tiny = encoded(Image.new("RGB", (8, 8), "teal"), "JPEG").getvalue()
    for _ in range(600):
        block = mutated(head[: random.choice([700, len(head)])], random)
        photo = tiny[:2] + b"\xff\xe1" + (len(block) + 8).to_bytes(2) + b"Exif\0\0" + block + tiny[2:]
        cleaned = delivered(photo) or photo
        assert len(cleaned) == len(photo)
        assert cleaned.endswith(tiny[2:])
        assert not positions(cleaned)
        assert delivered(cleaned) is None


def mutated(block: bytes, random: Random) -> bytes:
    """A few bytes changed, most of them in the directories, or the end cut off."""
    changed = bytearray(block)
    for _ in range(random.randrange(1, 12)):
        changed[random.randrange(min(len(changed), random.choice([12, 300, 700, len(changed)])))] = random.choice(
            [0, 1, 8, 255, random.randrange(256)]
        )
    return bytes(changed[: random.choice([len(changed), random.randrange(8, len(changed))])])


def positions(content: bytes) -> set[int]:
    with Image.open(BytesIO(content)) as image:
        try:
            return {2, 4, 6} & set(image.getexif().get_ifd(ExifTags.IFD.GPSInfo))
        except Exception:  # noqa: BLE001 - Pillow itself could not read it
            return set()


def test_a_container_that_cannot_be_searched_is_refused() -> None:
    photo = located("AVIF")
    broken = photo.replace(b"iloc", b"ilok", 1)
    with pytest.raises(RejectedPhoto) as refused:
        delivered(broken)
    assert refused.value.code == "corrupt"


def test_a_large_original_costs_no_memory(tmp_path: Path) -> None:
    """200 MB of trailing bytes, as from a phone's appended video."""
    file = tmp_path / "large.jpg"
    file.write_bytes(located("JPEG"))
    with file.open("r+b") as opened:
        opened.truncate(200 * 1024 * 1024)
    printed = run(
        """
        import sys
        from app.media import inspect, without_location
        with open(sys.argv[1], "rb") as source:
            found = inspect(source)
            before = peak()
            view = without_location(source, inspection=found)
            size = 0
            while chunk := view.read(1 << 20):
                size += len(chunk)
        print(size, found.has_gps, peak() - before)
        """,
        str(file),
    )
    length, has_gps, megabytes = printed.split()
    assert (int(length), has_gps) == (200 * 1024 * 1024, "True")
    assert int(megabytes) < 15


def test_the_edits_are_no_longer_than_the_metadata() -> None:
    source: BinaryIO = BytesIO(located("JPEG"))
    edits = find_location(source, format="JPEG")
    assert len(edits) == 2
    assert all(edit.location and len(edit.content) == edit.end - edit.start < 1000 for edit in edits)
