"""One block of metadata: taken from wherever the container keeps it, cleaned, and put back as edits of the file."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import BinaryIO, Literal

from app.media.location import iptc, photoshop, tiff, xmp
from app.media.location.errors import UnreadableBlock, UnreadableFile

__all__ = ["MAX_BLOCK", "Edit", "Kind", "Span", "UnreadableFile", "clean", "edits_of", "read"]

Kind = Literal["exif", "xmp", "photoshop", "iptc"]
Span = tuple[int, int]  # offset of the first byte, offset behind the last

# Cameras write kilobytes, depth maps in XMP take a few megabytes. 16 MB fit beside the photo in memory.
MAX_BLOCK = 16 * 1024**2

_CLEANERS: Mapping[Kind, Callable[[bytes], bytes]] = MappingProxyType(
    {"exif": tiff.clean, "xmp": xmp.clean, "photoshop": photoshop.clean, "iptc": iptc.clean}
)
# What a reader takes for a sound block in which nothing stands.
_EMPTY: Mapping[Kind, bytes] = MappingProxyType(
    {"exif": tiff.EMPTY, "xmp": b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>', "photoshop": b"", "iptc": b""}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Bytes `start` to `end` of the file become `content`; `location` tells a position found from a block unread."""

    start: int
    end: int
    content: bytes
    location: bool


def clean(content: bytes, *, kind: Kind) -> tuple[bytes, bool]:
    """`content` without location, in the same length, and whether it had one. What cannot be read comes back empty."""
    try:
        cleaned = _CLEANERS[kind](content)
        if _CLEANERS[kind](cleaned) != cleaned:
            raise UnreadableBlock
    except UnreadableBlock:
        return empty(len(content), kind=kind), False
    return cleaned, cleaned != content


def empty(length: int, *, kind: Kind) -> bytes:
    """A block of that length which says nothing."""
    filler = b" " if kind == "xmp" else b"\0"
    sound = _EMPTY[kind] if len(_EMPTY[kind]) <= length else b""
    return sound + filler * (length - len(sound))


def edits_of(source: BinaryIO, spans: Sequence[Span], *, kind: Kind) -> Iterator[Edit]:
    """Clean the block that lies in `spans`, piece after piece; raises `UnreadableFile` if it is too long."""
    if sum(end - start for start, end in spans) > MAX_BLOCK:
        raise UnreadableFile
    content = b"".join(read(source, start, end) for start, end in spans)
    cleaned, location = clean(content, kind=kind)
    at = 0
    for start, end in spans:
        piece = cleaned[at : at + end - start]
        if piece != content[at : at + end - start]:
            yield Edit(start=start, end=end, content=piece, location=location)
        at += end - start


def read(source: BinaryIO, start: int, end: int) -> bytes:
    """Exactly these bytes; raises `UnreadableFile` where the file ends before."""
    source.seek(start)
    content = source.read(end - start)
    if len(content) != end - start:
        raise UnreadableFile
    return content
