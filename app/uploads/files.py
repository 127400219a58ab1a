"""What a browser asks to upload, checked file by file before anything is signed."""

import re
import unicodedata
from dataclasses import dataclass

from app.galleries.models import LARGEST_UPLOAD, SMALLEST_UPLOAD

MOST_FILES = 100
LONGEST_NAME = 255
CONTENT_TYPES = frozenset({"image/jpeg", "image/png", "image/webp", "image/avif", "image/heic", "image/heif"})

_SHA256 = re.compile(r"[0-9a-f]{64}")
# Control, format (right-to-left and zero-width marks), surrogate, private and line-separator characters: they can
# make `exe.jpg` out of `gpj.exe`, or cannot be stored at all.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class InvalidUpload(ValueError):
    """A file that is refused before it is sent; the message says why, to a photographer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadFile:
    """A file that may be sent: `size` in bytes, `sha256` in hex."""

    name: str
    size: int
    content_type: str
    sha256: str


def clean_name(name: object) -> str:
    """The last part of a path in printable characters, empty if nothing is left."""
    if not isinstance(name, str):
        return ""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(c for c in last if unicodedata.category(c) not in _UNPRINTABLE)
    cleaned = " ".join(unicodedata.normalize("NFC", printable).split())
    return "" if cleaned in {".", ".."} else cleaned


def parse_upload(item: object) -> UploadFile:
    """Check `{name, size, type, sha256}` as sent by a browser, or raise InvalidUpload."""
    if not isinstance(item, dict):
        raise InvalidUpload("This entry describes no file.")
    name = clean_name(item.get("name"))
    if not name:
        raise InvalidUpload("This file has no name. Rename it and try again.")
    if len(name) > LONGEST_NAME:
        raise InvalidUpload(f"This name is longer than {LONGEST_NAME} characters. Rename the file and try again.")
    size = item.get("size")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise InvalidUpload("The size of this file is unknown. Try again.")
    if size < SMALLEST_UPLOAD:
        raise InvalidUpload("This file is empty.")
    if size > LARGEST_UPLOAD:
        raise InvalidUpload(f"This file is larger than {LARGEST_UPLOAD // 2**20} MB.")
    content_type = item.get("type")
    if not isinstance(content_type, str) or content_type not in CONTENT_TYPES:
        raise InvalidUpload("This is not a photo that Loupe reads: JPEG, PNG, WebP, AVIF and HEIC are.")
    sha256 = item.get("sha256")
    if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
        raise InvalidUpload("This file could not be read completely. Try again.")
    return UploadFile(name=name, size=size, content_type=content_type, sha256=sha256)
