import struct
from random import Random

import pytest

from app.media.location import tiff
from app.media.location.errors import UnreadableBlock

Entry = tuple[int, int, int, int]  # tag, type, count, value


def block(order: str, *directories: tuple[list[Entry], int], values: bytes = b"") -> bytes:
    """Directories one after the other from byte 8, each with the offset of the next; then `values`."""
    content = {"<": b"II", ">": b"MM"}[order] + struct.pack(order + "HL", 42, 8)
    for entries, following in directories:
        content += struct.pack(order + "H", len(entries))
        content += b"".join(struct.pack(order + "HHLL", *entry) for entry in entries)
        content += struct.pack(order + "L", following)
    return content + values


def photo(order: str, *, gps_tag: int = 0x8825) -> bytes:
    """Orientation, GPS and width in the first directory, at 8; GPS with a latitude at 50; its value at 80."""
    main = [(0x0112, 4, 1, 6), (gps_tag, 4, 1, 50), (0xA002, 4, 1, 77)]
    gps = [(0, 4, 1, 9), (2, 5, 3, 80)]
    return block(order, (main, 0), (gps, 0), values=b"LATITUDE" * 3 + b"rest")


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("prefix", [b"", b"Exif\0\0"])
def test_gps_is_unlinked_and_its_bytes_are_zeroed(order: str, prefix: bytes) -> None:
    left = [(0x0112, 4, 1, 6), (0xA002, 4, 1, 77)]
    gap = bytes(12 + 30 + 24)
    assert tiff.clean(prefix + photo(order)) == prefix + block(order, (left, 0), values=gap + b"rest")


def test_the_next_directory_stays_linked() -> None:
    main = ([(0x8825, 4, 1, 26)], 44)
    gps = ([(6, 4, 1, 300)], 0)
    thumbnail = ([(0x0103, 4, 1, 6)], 0)
    cleaned = tiff.clean(block("<", main, gps, thumbnail))
    assert cleaned == block("<", ([], 44), values=bytes(30) + block("<", thumbnail)[8:])


@pytest.mark.parametrize("tags", [[], [0], [0, 7, 29]], ids=["none", "version", "time"])
def test_gps_without_a_position_stays(tags: list[int]) -> None:
    content = block("<", ([(0x8825, 4, 1, 26)], 0), ([(tag, 4, 1, 1) for tag in tags], 0))
    assert tiff.clean(content) == content


@pytest.mark.parametrize("tag", [2, 4, 6, 0x14, 0x16, 0x1C])
@pytest.mark.parametrize("branch", [0x8769, 0xA005, 0x014A])
def test_a_position_is_found_wherever_it_hangs(branch: int, tag: int) -> None:
    content = block("<", ([(branch, 4, 1, 26)], 0), ([(0x8825, 4, 1, 44)], 0), ([(tag, 4, 1, 0x41414141)], 0))
    cleaned = tiff.clean(content)
    assert b"AAAA" in content
    assert b"AAAA" not in cleaned
    assert tiff.clean(cleaned) == cleaned


def test_two_positions() -> None:
    main = ([(0x8825, 4, 1, 38), (0x8825, 3, 1, 56)], 0)
    content = block("<", main, ([(2, 4, 1, 0x41414141)], 0), ([(4, 4, 1, 0x42424242)], 0))
    assert tiff.clean(content) == block("<", ([], 0), values=bytes(24 + 36))


def test_xmp_and_iptc_inside_are_cleaned() -> None:
    packet, datasets = b' exif:GPSLatitude="48,8.25N"', b"\x1c\x02\x5a\0\x05Mainz"
    entries = [(0x02BC, 1, len(packet), 38), (0x83BB, 7, len(datasets), 38 + len(packet))]
    cleaned = tiff.clean(block(">", (entries, 0), values=packet + datasets))
    assert cleaned == block(">", (entries, 0), values=b" " * len(packet) + bytes(len(datasets)))


@pytest.mark.parametrize("content", [b"", b"II*\0", b"RIFF" + bytes(20), b"II\x2b\0" + bytes(20)])
def test_what_is_no_exif_is_unreadable(content: bytes) -> None:
    with pytest.raises(UnreadableBlock):
        tiff.clean(content)


def test_directories_in_a_circle_end() -> None:
    content = block("<", ([(0x8769, 4, 1, 8), (0x8825, 4, 1, 8)], 8))
    assert tiff.clean(content) == content


def test_a_maze_is_given_up() -> None:
    """60 kB in which each entry is a directory of its own, of all that follow: 12 million entries."""
    links = [(0x014A, 4, 1, 20 + 12 * n) for n in range(5000)]
    with pytest.raises(UnreadableBlock):
        tiff.clean(block(">", (links, 0)))


def test_noise_is_cleaned_or_unreadable() -> None:
    random = Random(7)  # noqa: S311 - a seed
    for _ in range(500):
        content = photo("<")[:8] + random.randbytes(random.randrange(6, 400))
        try:
            cleaned = tiff.clean(content)
        except UnreadableBlock:
            continue
        assert len(cleaned) == len(content)
