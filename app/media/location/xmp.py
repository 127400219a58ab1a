"""XMP: RDF in XML. Its properties that say where are overwritten with spaces, as attributes and as elements.

No XML parser: a packet must keep its length, and a parser that meets hostile XML is a risk of its own. The patterns
take more than XML would, and a packet in which something is left over is emptied whole.
"""

import re

from app.media.location.errors import UnreadableBlock
from app.media.location.names import PLACES

__all__ = ["clean"]

_NAME = rb"(?:[\w.-]+:)?(?:" + b"|".join(PLACES) + rb")(?![\w.:-])"
_PREFIXED = rb"(?!xmlns:)[\w.-]+:(?:" + b"|".join(PLACES) + rb")"
_ATTRIBUTE = re.compile(rb"(?<=[\s\"'])" + _PREFIXED + rb"\s*=\s*(?:\"[^\"<]*\"|'[^'<]*')", re.IGNORECASE)
_OPENING = re.compile(rb"<(" + _NAME + rb")(?:\s[^<>]*)?/?>", re.IGNORECASE)
_LEFT = re.compile(rb"</?" + _NAME + rb"|[\s\"']" + _PREFIXED + rb"\s*=", re.IGNORECASE)


def clean(packet: bytes) -> bytes:
    """`packet` without location, in the same length. UTF-16 and UTF-32 are searched, but not edited."""
    if b"\0" in packet.rstrip(b"\0") and _LEFT.search(packet.replace(b"\0", b"")):
        raise UnreadableBlock
    if not _LEFT.search(packet):
        return packet
    cleaned = bytearray(_ATTRIBUTE.sub(lambda found: b" " * len(found[0]), packet))
    end = 0
    while opening := _OPENING.search(cleaned, end):
        end = _end(cleaned, opening)
        cleaned[opening.start() : end] = b" " * (end - opening.start())
    if _LEFT.search(cleaned):
        raise UnreadableBlock
    return bytes(cleaned)


def _end(packet: bytearray, opening: re.Match[bytes]) -> int:
    """Where the element ends, the elements inside it included."""
    if opening[0].endswith(b"/>"):
        return opening.end()
    closing = re.compile(rb"</" + re.escape(opening[1]) + rb"\s*>").search(packet, opening.end())
    if closing is None:
        raise UnreadableBlock
    return closing.end()
