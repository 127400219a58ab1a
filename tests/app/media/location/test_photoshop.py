import pytest

from app.media.location import photoshop
from app.media.location.errors import UnreadableBlock
from tests.app.media.location.test_iptc import TITLE, dataset
from tests.app.media.location.test_tiff import photo


def resource(number: int, content: bytes, *, name: bytes = b"") -> bytes:
    pascal = bytes([len(name)]) + name + b"\0" * (1 - len(name) % 2)
    return b"8BIM" + number.to_bytes(2) + pascal + len(content).to_bytes(4) + content + b"\0" * (len(content) % 2)


OTHER = resource(0x03ED, b"resolution", name=b"odd")


def test_each_resource_is_cleaned_as_what_it_is() -> None:
    place = dataset(90, b"Mainz")
    exif, xmp = photo("<"), b"<a exif:GPSLatitude='48'/>x"
    block = OTHER + resource(0x0404, place + TITLE) + resource(0x0422, exif) + resource(0x0424, xmp) + OTHER
    cleaned = photoshop.clean(block)
    assert len(cleaned) == len(block)
    assert cleaned.startswith(OTHER + resource(0x0404, TITLE + bytes(len(place))))
    assert cleaned.endswith(resource(0x0424, b"<a " + b" " * 21 + b"/>x") + OTHER)
    assert b"LATITUDE" not in cleaned


def test_a_resource_that_cannot_be_read_is_emptied() -> None:
    assert photoshop.clean(resource(0x0404, TITLE[:-2]) + OTHER) == resource(0x0404, bytes(len(TITLE) - 2)) + OTHER


@pytest.mark.parametrize("block", [b"", OTHER, OTHER + bytes(3), resource(0x0404, b"")])
def test_without_a_place_nothing_changes(block: bytes) -> None:
    assert photoshop.clean(block) == block


@pytest.mark.parametrize("block", [OTHER[:-1], OTHER[:9], OTHER + b"x", b"8BIM\4"])
def test_what_does_not_add_up_is_unreadable(block: bytes) -> None:
    with pytest.raises(UnreadableBlock):
        photoshop.clean(block)
