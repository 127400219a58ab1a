"""HEIC and AVIF: items of type `Exif` and `mime`, found by the boxes iinf and iloc (ISO/IEC 14496-12, 8.11; ISO/IEC
23008-12, annex A). They are cleaned where they lie and keep their length, so that no item moves."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from app.media.location.blocks import MAX_BLOCK, Edit, Kind, Span, UnreadableFile, edits_of, read

__all__ = ["edits"]

_MAX_META = 4 * 1024**2  # boxes alone: the items lie behind it
_MAX_EXTENTS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Box:
    name: bytes
    start: int  # of the content
    end: int


def edits(source: BinaryIO) -> Iterator[Edit]:
    """See `find_location`."""
    size = source.seek(0, 2)
    for box in _boxes(source, 0, size):
        if box.name == b"meta":
            if box.end - box.start > _MAX_META:
                raise UnreadableFile
            try:
                yield from _in_meta(source, box)
            except struct.error as error:
                raise UnreadableFile from error


def _in_meta(source: BinaryIO, meta: _Box) -> Iterator[Edit]:
    boxes = {box.name: box for box in _boxes(source, meta.start + 4, meta.end)}
    if b"iinf" not in boxes:
        return
    kinds = dict(_kinds(source, boxes[b"iinf"]))
    if not kinds:
        return
    if b"iloc" not in boxes:
        raise UnreadableFile
    idat = boxes[b"idat"].start if b"idat" in boxes else 0
    located = dict(_spans(_Reader(source, boxes[b"iloc"]), idat=idat))
    for item, kind in kinds.items():
        spans = located.get(item)
        if spans:
            yield from edits_of(source, _after_head(source, spans) if kind == "exif" else spans, kind=kind)


def _after_head(source: BinaryIO, spans: list[Span]) -> list[Span]:
    """An Exif item starts with four bytes: how far behind them the TIFF header stands (23008-12, A.2.1)."""
    start, end = spans[0]
    if end - start < 4:
        return spans
    skip = 4 + int.from_bytes(read(source, start, start + 4))
    return [(start + skip, end), *spans[1:]] if start + skip < end else spans


def _boxes(source: BinaryIO, at: int, end: int) -> Iterator[_Box]:
    while at + 8 <= end:
        source.seek(at)
        head = source.read(16)
        length, name, start = int.from_bytes(head[:4]), head[4:8], at + 8
        if length == 1:
            length, start = int.from_bytes(head[8:]), at + 16
        if length == 0:
            length = end - at
        if length < start - at:
            return
        yield _Box(name=name, start=start, end=min(at + length, end))
        at += length


class _Reader:
    """Big-endian numbers of any width, one after the other."""

    def __init__(self, source: BinaryIO, box: _Box) -> None:
        self._content = read(source, box.start, box.end)
        self._at = 0

    def number(self, width: int) -> int:
        if self._at + width > len(self._content):
            raise UnreadableFile
        value = int.from_bytes(self._content[self._at : self._at + width])
        self._at += width
        return value


def _kinds(source: BinaryIO, iinf: _Box) -> Iterator[tuple[int, Kind]]:
    """Numbers of the items that are EXIF or XMP."""
    version = read(source, iinf.start, iinf.start + 1)[0]
    for box in _boxes(source, iinf.start + (6 if version == 0 else 8), iinf.end):
        entry = read(source, box.start, box.end) if box.end - box.start <= MAX_BLOCK else b""
        if box.name != b"infe" or not entry or entry[0] < 2:
            continue
        width = 2 if entry[0] == 2 else 4
        item, kind = int.from_bytes(entry[4 : 4 + width]), entry[6 + width : 10 + width]
        if kind == b"Exif":
            yield item, "exif"
        elif kind == b"mime" and b"\0application/rdf+xml" in entry[10 + width :]:
            yield item, "xmp"


def _spans(iloc: _Reader, *, idat: int) -> Iterator[tuple[int, list[Span]]]:
    """Where each item lies. Method 2 (inside another item) is for derived images, never for metadata."""
    version = iloc.number(4) >> 24
    sizes = iloc.number(2)
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version else 0
    for _ in range(iloc.number(2 if version < 2 else 4)):
        item = iloc.number(2 if version < 2 else 4)
        method = iloc.number(2) & 15 if version else 0
        iloc.number(2)  # which file it lies in: this one
        base, spans = iloc.number(base_size), list[Span]()
        count = iloc.number(2)
        if count > _MAX_EXTENTS or (count and not length_size):  # without lengths: all of the file
            raise UnreadableFile
        for _ in range(count):
            iloc.number(index_size)
            start = base + iloc.number(offset_size) + (idat if method == 1 else 0)
            spans.append((start, start + iloc.number(length_size)))
        yield item, spans
