from io import BytesIO

import pytest
from PIL import Image

from app.media.location import UnreadableFile, edited, find_location
from tests.app.media.darkroom import encoded
from tests.app.media.location.test_iptc import TITLE, dataset
from tests.app.media.location.test_photoshop import OTHER, resource
from tests.app.media.location.test_tiff import photo

PLAIN = encoded(Image.effect_noise((40, 30), 60), "JPEG").getvalue()
PIXELS = PLAIN.index(b"\xff\xda") + 10
EXIF = b"Exif\0\0" + photo(">")
PLACE = b' exif:GPSLatitude="48,8.25N" '
GONE = b" " * len(PLACE)
XMP = b"http://ns.adobe.com/xap/1.0/\0"
EXTENDED = b"http://ns.adobe.com/xmp/extension/\0" + b"A" * 32 + bytes(8)


def segment(content: bytes, *, marker: int = 0xE1) -> bytes:
    return bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2) + content


def with_segments(*segments: bytes) -> bytes:
    return PLAIN[:2] + b"".join(segments) + PLAIN[2:]


def cleaned(content: bytes) -> bytes:
    source = BytesIO(content)
    edits = find_location(source, format="JPEG")
    assert all(len(edit.content) == edit.end - edit.start for edit in edits)
    return edited(source, edits).read()


def test_nothing_to_find() -> None:
    assert find_location(BytesIO(PLAIN), format="JPEG") == []


def test_every_exif_segment() -> None:
    content = cleaned(with_segments(segment(EXIF), segment(EXIF)))
    assert b"LATITUDE" not in content
    assert content.endswith(PLAIN[2:])


def test_exif_that_goes_on_in_a_second_segment() -> None:
    """Between the halves of the latitude there are a marker, a length and a name."""
    content = with_segments(segment(EXIF[:90]), segment(b"Exif\0\0" + EXIF[90:]))
    assert b"TITUDELATITUDE" in content
    assert b"TUDE" not in cleaned(content)
    assert b"LATI" not in cleaned(content)
    assert cleaned(content).endswith(PLAIN[2:])


def test_exif_that_cannot_be_read_is_emptied() -> None:
    content = with_segments(segment(b"Exif\0\0nonsense with a position"), segment(EXIF))
    assert b"position" not in cleaned(content)
    assert b"LATITUDE" not in cleaned(content)


def test_two_packets_of_xmp() -> None:
    both = [segment(XMP + PLACE + b"1"), segment(XMP + b"2" + PLACE)]
    assert cleaned(with_segments(*both)) == with_segments(segment(XMP + GONE + b"1"), segment(XMP + b"2" + GONE))


def test_extended_xmp_is_one_packet_in_many_segments() -> None:
    halves = segment(EXTENDED + b"<a" + PLACE[:7]), segment(EXTENDED + PLACE[7:] + b"/>")
    assert cleaned(with_segments(*halves)) == with_segments(
        segment(EXTENDED + b"<a" + GONE[:7]), segment(EXTENDED + GONE[7:] + b"/>")
    )


def test_iptc_that_goes_on_in_a_second_segment() -> None:
    block = OTHER + resource(0x0404, dataset(90, b"Mainz" * 9) + TITLE)
    name = b"Photoshop 3.0\0"
    halves = [segment(name + part, marker=0xED) for part in (block[:60], block[60:])]
    content = cleaned(with_segments(*halves))
    assert b"Mainz" not in content
    assert TITLE in content.replace(halves[1][:18], b"")


@pytest.mark.parametrize("marker", [0xE1, 0xE4, 0xEF, 0xFE])
def test_xmp_under_another_name(marker: int) -> None:
    content = with_segments(segment(b"who knows" + PLACE, marker=marker))
    assert cleaned(content) == with_segments(segment(b"who knows" + GONE, marker=marker))


def test_profiles_are_not_searched() -> None:
    content = with_segments(segment(b"ICC_PROFILE\0\1\1" + PLACE, marker=0xE2))
    assert cleaned(content) == content


@pytest.mark.parametrize("before", [0, 1024 * 1024 - len(PLAIN) + PIXELS - 45, 3 * 1024 * 1024])
def test_pictures_behind_the_picture(before: int) -> None:
    """Gain maps and previews follow the end of the image, wherever a reading in pieces may cut them."""
    for shift in range(0, 60, 7):
        tail = bytes(before + shift) + with_segments(segment(XMP + PLACE), segment(EXIF))
        content = cleaned(PLAIN + tail)
        assert len(content) == len(PLAIN + tail)
        assert content.startswith(PLAIN)
        assert b"LATITUDE" not in content
        assert PLACE not in content


def test_junk_and_fill_bytes_between_segments() -> None:
    assert cleaned(with_segments(b"\xff\xff\0\0", segment(XMP + PLACE))) == with_segments(
        b"\xff\xff\0\0", segment(XMP + GONE)
    )


def test_a_segment_without_a_length_is_refused() -> None:
    with pytest.raises(UnreadableFile):
        cleaned(PLAIN[:2] + b"\xff\xe1\0\0" + PLAIN[2:])


@pytest.mark.parametrize("cut", range(2, 40, 3))
def test_a_file_that_ends_early(cut: int) -> None:
    content = with_segments(segment(XMP + PLACE))[:cut]
    assert len(cleaned(content)) == cut
