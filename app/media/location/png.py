"""PNG: the chunk eXIf, XMP in iTXt, and the hexadecimal "raw profiles" that ImageMagick keeps in text chunks
(https://www.w3.org/TR/png-3/#11Ancillary-chunks; https://exiftool.org/TagNames/PNG.html#TextualData)."""

import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from app.media.location.blocks import MAX_BLOCK, Edit, Kind, clean, read
from app.media.location.names import PLACES

__all__ = ["edits"]

_PROFILES: dict[bytes, Kind] = {
    b"Raw profile type exif": "exif",
    b"Raw profile type APP1": "exif",
    b"Raw profile type xmp": "xmp",
    b"Raw profile type iptc": "photoshop",
    b"Raw profile type 8bim": "photoshop",
}
_XMP = re.compile(rb"(?:XML:com\.adobe\.xmp|xmp)", re.IGNORECASE)
_PLACE = re.compile(rb"(?:[\w.-]+:)?(?:" + b"|".join(PLACES) + rb")", re.IGNORECASE)
_FRAME = 12  # length, name and checksum of a chunk


def edits(source: BinaryIO) -> Iterator[Edit]:
    """See `find_location`. A text chunk that cannot be read, and any that is too long to be, is left out."""
    at = 8
    while True:
        source.seek(at)
        head = source.read(8)
        length, name = int.from_bytes(head[:4]), head[4:]
        if len(head) < 8 or name == b"IEND":
            return
        end = at + _FRAME + length
        if name in {b"eXIf", b"tEXt", b"zTXt", b"iTXt"}:
            content = read(source, at + 8, end - 4) if length <= MAX_BLOCK else None
            cleaned, location = _clean(name, content) if content is not None else (None, False)
            if cleaned is None or cleaned != content:
                yield Edit(start=at, end=end, content=_chunk(name, cleaned), location=location)
        at = end


def _chunk(name: bytes, content: bytes | None) -> bytes:
    if content is None:
        return b""
    return len(content).to_bytes(4) + name + content + zlib.crc32(name + content).to_bytes(4)


def _clean(name: bytes, content: bytes) -> tuple[bytes | None, bool]:
    """The chunk's content without location, or None to leave it out, and whether it had one."""
    if name == b"eXIf":
        return clean(content, kind="exif")
    keyword, _, rest = content.partition(b"\0")
    if _PLACE.fullmatch(keyword):
        return None, True
    kind = _PROFILES.get(keyword)
    if kind is None and not _XMP.fullmatch(keyword):
        return content, False
    opened = _open(name, rest)
    if opened is None:
        return None, False
    head, text, packed = opened
    cleaned, location = _clean_profile(text, kind=kind) if kind else clean(text, kind="xmp")
    if cleaned is None or cleaned == text:
        return content if cleaned is not None else None, location
    return keyword + b"\0" + head + (zlib.compress(cleaned) if packed else cleaned), location


def _open(name: bytes, rest: bytes) -> tuple[bytes, bytes, bool] | None:
    """What stands before the text, the text, and whether it was compressed; None for one that cannot be read."""
    if name == b"tEXt":
        return b"", rest, False
    if name == b"zTXt":
        head, text, packed = rest[:1], rest[1:], True
    else:
        fields = rest[2:].split(b"\0", 2)
        if len(rest) < 2 or len(fields) < 3:
            return None
        head, text, packed = rest[: -len(fields[2]) or None], fields[2], rest[0] == 1
    if not packed:
        return head, text, False
    try:
        unpacker = zlib.decompressobj()
        text = unpacker.decompress(text, MAX_BLOCK)
    except zlib.error:
        return None
    return (head, text, True) if unpacker.eof else None


def _clean_profile(text: bytes, *, kind: Kind) -> tuple[bytes | None, bool]:
    """A raw profile is a name, a length in decimal digits and so many bytes in hexadecimal, in lines."""
    fields = text.split(None, 2)
    try:
        content = bytes.fromhex(fields[2].decode("ascii"))
    except (IndexError, ValueError):
        return None, False
    if kind == "exif" and b"ns.adobe.com/" in content[:64]:  # APP1 is either
        kind = "xmp"
    if content.startswith(b"\x1c"):
        kind = "iptc"
    cleaned, location = clean(content, kind=kind)
    if cleaned == content:
        return text, False
    return text[: -len(fields[2])] + cleaned.hex().encode(), location
