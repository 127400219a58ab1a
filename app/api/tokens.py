"""What a token looks like: `loupe_`, 32 random bytes, and a checksum, 55 characters in all.

The prefix and the checksum let secret scanners find a leaked token without asking us, and let us turn away mistyped
ones without asking the database. Pattern for scanners: `loupe_[A-Za-z0-9_-]{49}`.
"""

import base64
import hashlib
import re
import secrets
import zlib

__all__ = ["is_well_formed", "new_token", "token_hash"]

PREFIX = "loupe_"
SECRET_BYTES = 32
_PATTERN = re.compile(PREFIX + "([A-Za-z0-9_-]{43})([A-Za-z0-9_-]{6})")


def new_token() -> str:
    """Make a token of 256 random bits."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    return PREFIX + secret + _checksum(secret)


def is_well_formed(text: str) -> bool:
    """Whether this can be a token at all."""
    found = _PATTERN.fullmatch(text)
    return found is not None and _checksum(found[1]) == found[2]


def token_hash(token: str) -> str:
    """The only form in which a token is kept: SHA-256 in hex. 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _checksum(secret: str) -> str:
    """CRC32 in six characters: it finds typing errors, and proves nothing."""
    return base64.urlsafe_b64encode(zlib.crc32(secret.encode()).to_bytes(4)).decode().rstrip("=")
