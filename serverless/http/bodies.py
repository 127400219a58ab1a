"""Bodies in events: text where JSON carries it unharmed, base64 everywhere else."""

from pybase64 import b64decode, b64encode_as_string

__all__ = ["decode", "encode"]

# Types that are text by definition. A guess too few costs a third more bytes, a guess too many costs nothing: whatever
# is not UTF-8 travels as base64 all the same.
_TEXT_TYPES = ("text/", "application/json", "application/problem+json", "application/javascript", "application/xml")


def decode(text: str) -> bytes:
    """Return the bytes of base64 ``text``. Raises ValueError for anything else, where Python's default skips it."""
    return b64decode(text, validate=True)


def encode(body: bytes, *, content_type: str, content_encoding: str) -> tuple[str, bool]:
    """Return ``body`` as an event's answer holds it, and whether it is base64. Compressed bodies always are."""
    if not body:
        return "", False
    if not content_encoding and content_type.lower().startswith(_TEXT_TYPES):
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass  # Latin-1, UTF-16 or broken text
    return b64encode_as_string(body), True
