import pytest

from app.media.location import iptc
from app.media.location.errors import UnreadableBlock


def dataset(number: int, value: bytes, *, record: int = 2) -> bytes:
    return bytes([0x1C, record, number]) + len(value).to_bytes(2) + value


TITLE = dataset(5, b"Wedding")


@pytest.mark.parametrize("number", [26, 27, 90, 92, 95, 100, 101])
def test_places_leave_and_the_rest_closes_up(number: int) -> None:
    block = dataset(90, b"\x1b%G", record=1) + dataset(number, b"Mainz") + TITLE
    assert iptc.clean(block) == dataset(90, b"\x1b%G", record=1) + TITLE + bytes(10)


def test_a_long_dataset() -> None:
    """Above 32,767 bytes the length has a length of its own (IIM 4.2, 1.5.3)."""
    place = b"\x1c\x02\x5a\x80\x04" + (40_000).to_bytes(4) + b"x" * 40_000
    assert iptc.clean(place + TITLE) == TITLE + bytes(len(place))


@pytest.mark.parametrize("block", [b"", bytes(3), TITLE, TITLE + bytes(2), TITLE + b" "])
def test_without_a_place_nothing_changes(block: bytes) -> None:
    assert iptc.clean(block) == block


@pytest.mark.parametrize("block", [TITLE[:-1], TITLE[:4], TITLE + b"x", b"x" + TITLE])
def test_what_does_not_add_up_is_unreadable(block: bytes) -> None:
    with pytest.raises(UnreadableBlock):
        iptc.clean(block)
