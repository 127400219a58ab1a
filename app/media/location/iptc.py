"""IPTC-IIM: a row of datasets (IPTC-NAA Information Interchange Model 4.2, chapter 1)."""

from app.media.location.errors import UnreadableBlock

__all__ = ["clean"]

_MARKER = 0x1C
_HEAD = 5
_LONG = 0x8000
# Record 2: content location code and name, city, sublocation, province, country code, country.
_PLACES = frozenset({26, 27, 90, 92, 95, 100, 101})


def clean(block: bytes) -> bytes:
    """`block` without the datasets that name a place; the others close up, and zeros fill what is free behind them."""
    kept, at = bytearray(), 0
    while at < len(block) and block[at] == _MARKER:
        end = _end(block, at)
        if not (block[at + 1] == 2 and block[at + 2] in _PLACES):
            kept += block[at:end]
        at = end
    if block[at:].strip(b"\0 "):
        raise UnreadableBlock
    kept += block[at:]
    return bytes(kept) + bytes(len(block) - len(kept))


def _end(block: bytes, at: int) -> int:
    if at + _HEAD > len(block):
        raise UnreadableBlock
    length, start = int.from_bytes(block[at + 3 : at + 5]), at + _HEAD
    if length & _LONG:
        digits = length & ~_LONG
        length = int.from_bytes(block[start : start + digits])
        start += digits
    if start + length > len(block):
        raise UnreadableBlock
    return start + length
