from io import BytesIO
from pathlib import Path

import pytest

from app.media.location import Edit, UnreadableFile, find_location

PLACE = b"exif:GPSLatitude='48'"


def chunk(name: bytes, content: bytes) -> bytes:
    return name + len(content).to_bytes(4, "little") + content + b"\0" * (len(content) % 2)


def webp(*chunks: bytes) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def found(content: bytes) -> list[Edit]:
    return find_location(BytesIO(content), format="WEBP")


def test_chunks_of_odd_length_are_passed_over() -> None:
    [edit] = found(webp(chunk(b"VP8 ", b"odd"), chunk(b"XMP ", b"<a " + PLACE + b"/>")))
    assert (edit.start, edit.end, edit.content) == (32, 58, b"<a " + b" " * 21 + b"/>")


def test_exif_that_cannot_be_read_is_emptied() -> None:
    [edit] = found(webp(chunk(b"EXIF", b"a position, somehow")))
    assert (edit.content, edit.location) == (b"II*\0\x08" + bytes(14), False)


def test_what_follows_the_picture_is_no_part_of_it() -> None:
    assert found(webp(chunk(b"VP8 ", b"x")) + chunk(b"XMP ", PLACE)) == []


def test_more_metadata_than_memory_should_hold_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "large.webp"
    file.write_bytes(b"RIFF" + (100_000_000).to_bytes(4, "little") + b"WEBPXMP " + (99_000_000).to_bytes(4, "little"))
    with file.open("r+b") as source:
        source.truncate(100_000_008)
        with pytest.raises(UnreadableFile):
            find_location(source, format="WEBP")
    many = webp(*[chunk(b"XMP ", PLACE.rjust(8_000_000))] * 5)
    with pytest.raises(UnreadableFile):
        found(many)
