"""Compiled libraries without what only a debugger reads: symbol tables, DWARF, section headers.

Wheels often carry it: 2.6 of the 3.6 MB of Pillow's ``_imaging`` are DWARF. The dynamic loader reads program headers
and the segments that they name (https://refspecs.linuxfoundation.org/elf/elf.pdf, "Program Loading"). Nothing is
moved, which is what makes ``strip`` break libraries that auditwheel has patched; so any platform's can be treated here.
"""

import struct
from pathlib import Path
from typing import Final

__all__ = ["is_library", "strip"]

_HEADER: Final = struct.Struct("<16sHHIQQQIHHHHHH")  # Elf64_Ehdr
_SEGMENT: Final = struct.Struct("<IIQQQQQQ")  # Elf64_Phdr
_64_BIT_LITTLE_ENDIAN: Final = b"\x7fELF\x02\x01"
_SHARED: Final = 3  # ET_DYN


def is_library(path: Path) -> bool:
    return ".so" in path.suffixes


def strip(path: Path) -> None:
    """Write a copy of the library that holds its segments alone in its place; leave what is no 64-bit library."""
    data = path.read_bytes()
    if len(data) < _HEADER.size or not data.startswith(_64_BIT_LITTLE_ENDIAN):
        return
    header = list(_HEADER.unpack_from(data))
    kind, table, size, count = header[1], header[5], header[9], header[10]
    if kind != _SHARED or size != _SEGMENT.size or not count:
        return
    kept = [(0, _HEADER.size), (table, table + size * count)]
    for number in range(count):
        _, _, offset, _, _, length, _, _ = _SEGMENT.unpack_from(data, table + number * size)
        kept.append((offset, offset + length))
    stripped = bytearray(max(end for _, end in kept))
    for begin, end in kept:
        stripped[begin:end] = data[begin:end]
    header[6] = header[12] = header[13] = 0  # where section headers are, how many, and which one has their names
    _HEADER.pack_into(stripped, 0, *header)
    _replace(path, bytes(stripped))


def _replace(path: Path, data: bytes) -> None:
    """Never in place: the file may be a link to one in uv's cache."""
    mode = path.stat().st_mode
    path.unlink()
    path.write_bytes(data)
    path.chmod(mode)
