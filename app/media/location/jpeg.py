"""JPEG: metadata in APPn and COM segments (ITU-T T.81, B.1.1; CIPA DC-008, 4.7; XMP specification part 3, 1.1).

What follows the first scan is not followed marker by marker, which would mean to read every byte of the pixels in
Python: it is searched for the names of metadata segments. So those of the pictures that phones append (CIPA DC-007
multi-picture format, gain maps) are found as well; inside a scan these bytes cannot occur.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from app.media.location.blocks import Edit, Kind, Span, UnreadableFile, edits_of

__all__ = ["edits"]

_EXIF = b"Exif\0"
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_EXTENDED_XMP = b"http://ns.adobe.com/xmp/extension/\0"
_PHOTOSHOP = b"Photoshop 3.0\0"
# Bytes between the segment's start and its metadata. Extended XMP: checksum, length and offset of the whole.
_HEADS: dict[bytes, tuple[Kind, int]] = {
    _EXIF: ("exif", 6),
    _XMP: ("xmp", len(_XMP)),
    _EXTENDED_XMP: ("xmp", len(_EXTENDED_XMP) + 32 + 4 + 4),
    _PHOTOSHOP: ("photoshop", len(_PHOTOSHOP)),
}
_LONGEST_NAME = max(len(name) for name in _HEADS)
_BINARY = (b"ICC_PROFILE\0", b"MPF\0", b"JFIF\0", b"JFXX\0", b"Adobe\0")
# How the first of several segments begins; one that does not begin like this goes on with the one before.
_BEGINNINGS = {
    _EXIF: (b"II*\0", b"MM\0*"),
    _XMP: (b"",),  # each is a packet of its own
    _PHOTOSHOP: (b"8BIM", b"MeSa", b"AgHg", b"PHUT", b"DCSR"),
}

_STANDALONE = {0x01, *range(0xD0, 0xD9)}  # markers without a length
_EOI, _SOS, _COM = 0xD9, 0xDA, 0xFE
_APP = range(0xE1, 0xF0)
_NAMED = re.compile(rb"\xff[\xe1\xed](..)(?:" + b"|".join(map(re.escape, _HEADS)) + rb")", re.DOTALL)
_OVERLAP = 4 + _LONGEST_NAME
_CHUNK = 1024 * 1024


def edits(source: BinaryIO) -> Iterator[Edit]:
    """See `find_location`."""
    for name, spans in _blocks(source):
        kind, skip = _HEADS.get(name, ("xmp", 0))
        yield from edits_of(source, [(min(start + skip, end), end) for start, end in spans], kind=kind)


def _blocks(source: BinaryIO) -> Iterator[tuple[bytes, list[Span]]]:
    """Name of a kind of segment (empty: none we know) and the segments that make up one block."""
    parts: dict[bytes, list[Span]] = {}
    for start, end in _segments(source):
        source.seek(start)
        head = source.read(min(end - start, _LONGEST_NAME + 40))
        name = next((name for name in _HEADS if head.startswith(name)), b"")
        if not name:
            if not head.startswith(_BINARY):
                yield name, [(start, end)]
            continue
        if name in parts and head[_HEADS[name][1] :].startswith(_BEGINNINGS.get(name, ())):
            yield name, parts.pop(name)
        parts.setdefault(name, []).append((start, end))
    yield from parts.items()


def _segments(source: BinaryIO) -> Iterator[Span]:
    """The content of each segment that may hold metadata."""
    at = 2
    while True:
        source.seek(at)
        head = source.read(4)
        if len(head) < 4 or head[1] == _EOI:
            break
        if head[0] != 0xFF or head[1] in {0x00, 0xFF}:  # junk and fill bytes, which decoders skip
            at += 1
            continue
        length = 0 if head[1] in _STANDALONE else int.from_bytes(head[2:])
        if length < 2 and head[1] not in _STANDALONE:
            raise UnreadableFile
        if head[1] in _APP or head[1] == _COM:
            yield _within(source, at + 4, at + 2 + length)
        at += 2 + length
        if head[1] == _SOS:
            break
    yield from _later_segments(source, at)


def _within(source: BinaryIO, start: int, end: int) -> Span:
    """A last segment may announce more than the file has."""
    source.seek(start)
    return start, start + len(source.read(end - start))


def _later_segments(source: BinaryIO, at: int) -> Iterator[Span]:
    """Segments by their names, in what follows `at`, read in pieces that overlap by the longest name."""
    while True:
        source.seek(at)
        piece = source.read(_CHUNK + _OVERLAP)
        for found in _NAMED.finditer(piece):
            if found.start() < _CHUNK:
                start = at + found.end(1)
                yield _within(source, start, max(start, start - 2 + int.from_bytes(found[1])))
        if len(piece) < _CHUNK + _OVERLAP:
            return
        at += _CHUNK
