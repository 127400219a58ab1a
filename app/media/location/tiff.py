"""EXIF: a TIFF structure without pixels (TIFF 6.0, section 2; CIPA DC-008, 4.5 and 4.6).

A GPS directory that holds a position is unlinked from the directory that names it, and its bytes are zeroed. All
other bytes stay where they are, so that maker notes, whose offsets nobody knows, stay whole.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from app.media.location import iptc, xmp
from app.media.location.errors import UnreadableBlock

__all__ = ["EMPTY", "clean"]

EMPTY = b"II*\0\x08\0\0\0\0\0\0\0\0\0"

_GPS = 0x8825
_BRANCHES = frozenset({0x8769, 0xA005, 0x014A})  # Exif, Interoperability, SubIFDs
_EMBEDDED = {0x02BC: xmp.clean, 0x83BB: iptc.clean}  # blocks of the other kinds, as TIFF files carry them
# GPS tags that say where: latitude, longitude, altitude, the destination's, the name of the area. The others (version,
# time, datum) are written by cameras that know no position.
_POSITION = frozenset({0x02, 0x04, 0x06, 0x14, 0x16, 0x1C})
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_SHORT = 3
_ENTRY = 12
# Cameras write a few hundred entries in half a dozen directories, one of them GPS.
_MAX_ENTRIES = 20_000
_MAX_GPS = 8
_MAX_BRANCHES = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    directory: int
    index: int
    tag: int
    kind: int
    count: int
    at: int  # where the value lies: in the entry itself if it has four bytes or fewer

    @property
    def length(self) -> int:
        return _SIZES.get(self.kind, 1) * self.count


def clean(block: bytes) -> bytes:
    """`block`, with or without a leading `Exif\\0\\0`, without location and in the same length."""
    start = 6 if block.startswith(b"Exif\0") else 0
    exif = _Exif(bytearray(block[start:]))
    exif.clean_embedded()
    for _ in range(_MAX_GPS):
        if (gps := next(exif.positions(), None)) is None:
            return block[:start] + bytes(exif.data)
        exif.remove(gps)
    raise UnreadableBlock


class _Exif:
    def __init__(self, data: bytearray) -> None:
        self.data = data
        order = {b"II": "<", b"MM": ">"}.get(bytes(data[:2]))
        if order is None or len(data) < len(EMPTY) or bytes(data[2:4]) not in {b"*\0", b"\0*"}:
            raise UnreadableBlock
        self._short, self._long = struct.Struct(order + "H"), struct.Struct(order + "L")
        self._head = struct.Struct(order + "HHL")

    def clean_embedded(self) -> None:
        for entry in self._walk():
            if entry.tag in _EMBEDDED:
                end = min(entry.at + entry.length, len(self.data))
                content = bytes(self.data[entry.at : end])
                try:
                    self.data[entry.at : end] = _EMBEDDED[entry.tag](content)
                except UnreadableBlock:
                    self.data[entry.at : end] = bytes(len(content))

    def positions(self) -> Iterator[_Entry]:
        """Entries that lead to a GPS directory with a position in it."""
        for entry in self._walk():
            if entry.tag == _GPS and any(gps.tag in _POSITION for gps in self._entries(self._offset(entry))):
                yield entry

    def remove(self, gps: _Entry) -> None:
        """Zero the directory with its values, then close the gap in the one that led to it."""
        offset = self._offset(gps)
        entries = list(self._entries(offset))
        for entry in entries:
            self._zero(entry.at, entry.length)
        count = self._count(gps.directory)
        if count <= gps.index:  # a value that overlapped the directory
            raise UnreadableBlock
        table = gps.directory + 2
        moved = bytes(self.data[table + (gps.index + 1) * _ENTRY : table + count * _ENTRY + 4])
        at = table + gps.index * _ENTRY
        self.data[at : at + len(moved) + _ENTRY] = moved + bytes(_ENTRY)
        self._short.pack_into(self.data, gps.directory, count - 1)
        self._zero(offset, 2 + _ENTRY * len(entries) + 4)

    def _walk(self) -> Iterator[_Entry]:
        """Every entry of every directory but GPS. What lies outside the block, or was seen before, is passed over."""
        waiting, seen, total = [self._long.unpack_from(self.data, 4)[0]], set[int](), 0
        while waiting:
            offset = waiting.pop()
            if offset in seen:
                continue
            seen.add(offset)
            for entry in self._entries(offset):
                total += 1
                if total > _MAX_ENTRIES:
                    raise UnreadableBlock
                yield entry
                if entry.tag in _BRANCHES:
                    waiting.extend(self._offsets(entry))
            following = offset + 2 + _ENTRY * self._count(offset)
            if following + 4 <= len(self.data):
                waiting.append(self._long.unpack_from(self.data, following)[0])

    def _count(self, offset: int) -> int:
        """How many entries a directory has, as far as the block reaches; readers take what they can get, too."""
        if not 8 <= offset <= len(self.data) - 2:
            return 0
        announced: int = self._short.unpack_from(self.data, offset)[0]
        return min(announced, (len(self.data) - offset - 2) // _ENTRY)

    def _entries(self, offset: int) -> Iterator[_Entry]:
        for index in range(self._count(offset)):
            at = offset + 2 + index * _ENTRY
            tag, kind, count = self._head.unpack_from(self.data, at)
            inline = _SIZES.get(kind, 1) * count <= 4 or kind not in _SIZES
            value = at + 8 if inline else self._long.unpack_from(self.data, at + 8)[0]
            yield _Entry(
                directory=offset, index=index, tag=tag, kind=kind, count=count if kind in _SIZES else 4, at=value
            )

    def _offset(self, entry: _Entry) -> int:
        return next(iter(self._offsets(entry)), 0)

    def _offsets(self, entry: _Entry) -> list[int]:
        number = self._short if entry.kind == _SHORT else self._long
        end = min(entry.at + max(entry.length, number.size), len(self.data)) - number.size + 1
        if end - entry.at > _MAX_BRANCHES * number.size:
            raise UnreadableBlock
        return [number.unpack_from(self.data, at)[0] for at in range(entry.at, end, number.size)]

    def _zero(self, start: int, length: int) -> None:
        end = min(start + length, len(self.data))
        self.data[start:end] = bytes(max(0, end - start))
