"""WebP: RIFF chunks `EXIF` and `XMP ` (https://developers.google.com/speed/webp/docs/riff_container#metadata)."""

from collections.abc import Iterator
from typing import BinaryIO

from app.media.location.blocks import Edit, Kind, edits_of

__all__ = ["edits"]

_KINDS: dict[bytes, Kind] = {b"EXIF": "exif", b"XMP ": "xmp"}


def edits(source: BinaryIO) -> Iterator[Edit]:
    """See `find_location`."""
    source.seek(4)
    at, size = 12, 8 + int.from_bytes(source.read(4), "little")
    while at < size:
        source.seek(at)
        head = source.read(8)
        if len(head) < 8:
            return
        length = int.from_bytes(head[4:], "little")
        if head[:4] in _KINDS:
            yield from edits_of(source, [(at + 8, at + 8 + length)], kind=_KINDS[head[:4]])
        at += 8 + length + length % 2
