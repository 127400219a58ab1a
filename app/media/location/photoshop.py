"""Photoshop's image resources, in which JPEG and PNG carry IPTC (Adobe Photoshop File Formats
Specification, Image Resource Blocks)."""

import struct
from collections.abc import Iterator

from app.media.location import iptc, tiff, xmp
from app.media.location.errors import UnreadableBlock

__all__ = ["clean"]

_SIGNATURES = {b"8BIM", b"MeSa", b"AgHg", b"PHUT", b"DCSR"}
_CLEANERS = {0x0404: iptc.clean, 0x0422: tiff.clean, 0x0423: tiff.clean, 0x0424: xmp.clean}


def clean(block: bytes) -> bytes:
    """`block` without location in its IPTC, EXIF and XMP resources, in the same length."""
    cleaned = bytearray(block)
    for number, start, end in _resources(block):
        if number in _CLEANERS:
            try:
                cleaned[start:end] = _CLEANERS[number](block[start:end])
            except UnreadableBlock:
                cleaned[start:end] = bytes(end - start)
    return bytes(cleaned)


def _resources(block: bytes) -> Iterator[tuple[int, int, int]]:
    """Number, start and end of each resource's data: signature, number, name, length, each padded to even."""
    at = 0
    while block[at:].strip(b"\0"):
        if block[at : at + 4] not in _SIGNATURES or at + 7 > len(block):
            raise UnreadableBlock
        head = at + 6 + (block[at + 6] + 2) // 2 * 2
        if head + 4 > len(block):
            raise UnreadableBlock
        number, length = struct.unpack_from(">H", block, at + 4)[0], struct.unpack_from(">L", block, head)[0]
        start, end = head + 4, head + 4 + length
        if end > len(block):
            raise UnreadableBlock
        yield number, start, end
        at = end + length % 2
