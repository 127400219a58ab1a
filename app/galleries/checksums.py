import hashlib
import zlib
from dataclasses import dataclass
from typing import Any

from django.core.files.base import File

_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Checksums:
    """What a file can be told by: its length, SHA-256 as 64 hex digits, and the CRC32 that a ZIP states in advance."""

    bytes: int
    sha256: str
    crc32: int


def checksums(file: "File[Any]") -> Checksums:
    """Read `file` once, from its beginning, and rewind it."""
    digest, crc32, size = hashlib.sha256(), 0, 0
    file.seek(0)
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
        crc32 = zlib.crc32(chunk, crc32)
        size += len(chunk)
    file.seek(0)
    return Checksums(bytes=size, sha256=digest.hexdigest(), crc32=crc32)
