"""Compiled libraries without what only a debugger reads: symbol tables, DWARF, section headers.

Wheels often carry it: 2.6 of the 3.6 MB of Pillow's ``_imaging`` are DWARF. The dynamic loader reads program headers
and the segments that they name (https://refspecs.linuxfoundation.org/elf/elf.pdf, "Program Loading"). Nothing is
moved, which is what makes ``strip`` break libraries that auditwheel has patched; so any platform's can be treated here.
"""

import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["MACHINES", "Library", "is_library", "is_module", "read", "strip"]

_HEADER: Final = struct.Struct("<16sHHIQQQIHHHHHH")  # Elf64_Ehdr
_SEGMENT: Final = struct.Struct("<IIQQQQQQ")  # Elf64_Phdr
_64_BIT_LITTLE_ENDIAN: Final = b"\x7fELF\x02\x01"
_SHARED: Final = 3  # ET_DYN
_DYNAMIC_ENTRY: Final = struct.Struct("<qQ")  # Elf64_Dyn
_LOAD, _DYNAMIC = 1, 2  # PT_
_END, _NEEDED, _STRINGS = 0, 1, 5  # DT_
# e_machine of what Lambda runs on.
MACHINES: Final[Mapping[str, int]] = {"x86_64": 62, "arm64": 183}
# https://peps.python.org/pep-3149/
_MODULE: Final = re.compile(r"\.(cpython-\d+[^.]*|abi3)\.so$")

type _Segment = tuple[int, int, int, int, int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """What the dynamic loader reads of a library before it loads it."""

    machine: int
    needed: tuple[str, ...]
    """Names of others, which it loads as well."""


def is_library(path: Path) -> bool:
    return ".so" in path.suffixes


def is_module(path: Path) -> bool:
    """Whether Python imports it, on the platform that its name says."""
    return _MODULE.search(path.name) is not None


def strip(path: Path) -> None:
    """Write a copy of the library that holds its segments alone in its place; leave what is no 64-bit library."""
    data = path.read_bytes()
    segments = _segments(data)
    if not segments:
        return
    header = list(_HEADER.unpack_from(data))
    table = header[5]
    kept = [(0, _HEADER.size), (table, table + _SEGMENT.size * len(segments))]
    for _, _, offset, _, _, length, _, _ in segments:
        kept.append((offset, offset + length))
    stripped = bytearray(max(end for _, end in kept))
    for begin, end in kept:
        stripped[begin:end] = data[begin:end]
    header[6] = header[12] = header[13] = 0  # where section headers are, how many, and which one has their names
    _HEADER.pack_into(stripped, 0, *header)
    _replace(path, bytes(stripped))


def read(path: Path) -> Library | None:
    """Return what the library says of itself; None for what is no 64-bit library."""
    data = path.read_bytes()
    segments = _segments(data)
    if not segments:
        return None
    entries = list(_dynamic(data, segments))
    strings = next((_offset(value, segments) for tag, value in entries if tag == _STRINGS), 0)
    names = (data[strings + value :].partition(b"\0")[0].decode() for tag, value in entries if tag == _NEEDED)
    return Library(machine=_HEADER.unpack_from(data)[2], needed=tuple(names))


def _segments(data: bytes) -> list[_Segment]:
    """Return the program headers; nothing for what is no 64-bit library."""
    if len(data) < _HEADER.size or not data.startswith(_64_BIT_LITTLE_ENDIAN):
        return []
    header = _HEADER.unpack_from(data)
    kind, table, size, count = header[1], header[5], header[9], header[10]
    if kind != _SHARED or size != _SEGMENT.size:
        return []
    return [_SEGMENT.unpack_from(data, table + number * size) for number in range(count)]


def _dynamic(data: bytes, segments: list[_Segment]) -> Iterator[tuple[int, int]]:
    for kind, _, offset, _, _, length, _, _ in segments:
        if kind == _DYNAMIC:
            for tag, value in _DYNAMIC_ENTRY.iter_unpack(data[offset : offset + length]):
                if tag == _END:
                    return
                yield tag, value


def _offset(address: int, segments: list[_Segment]) -> int:
    """Return where in the file that is which lies at ``address`` in memory."""
    for kind, _, offset, begin, _, length, _, _ in segments:
        if kind == _LOAD and begin <= address < begin + length:
            return offset + address - begin
    return 0


def _replace(path: Path, data: bytes) -> None:
    """Never in place: the file may be a link to one in uv's cache."""
    mode = path.stat().st_mode
    path.unlink()
    path.write_bytes(data)
    path.chmod(mode)
