"""What a file is, from its first bytes: a name or a Content-Type is only what somebody called it."""

from app.media.exceptions import RejectedPhoto
from app.media.results import Format

HEAD_BYTES = 64

_AVIF_BRANDS = {b"avif", b"avis"}
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}

# What people drop on the page instead of a photo. First match wins.
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document"),
    (b"GIF8", "a GIF"),
    (b"II*\0", "a TIFF or RAW file"),
    (b"MM\0*", "a TIFF or RAW file"),
    (b"IIU\0", "a RAW file"),
    (b"IIRO", "a RAW file"),
    (b"IIRS", "a RAW file"),
    (b"FUJIFILMCCD-RAW", "a RAW file"),
    (b"FOVb", "a RAW file"),
    (b"8BPS", "a Photoshop document"),
    (b"BM", "a BMP"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\xff\x0a", "a JPEG XL"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000"),
    (b"<", "a web page or an SVG drawing"),
)


def identify(head: bytes) -> Format:
    """The format that the first `HEAD_BYTES` of a file announce; raises `RejectedPhoto` for any other file."""
    if not head:
        raise RejectedPhoto("empty", "This file is empty: nothing of it arrived. Please upload it again.")
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    brands = _brands(head)
    if brands & _AVIF_BRANDS:
        return "AVIF"
    if brands & _HEIC_BRANDS:
        return "HEIC"
    raise RejectedPhoto(
        "unsupported",
        f"This is {_describe(head, brands)}, whatever its name says. Please upload a JPEG, PNG, WebP, AVIF or HEIC.",
    )


def _brands(head: bytes) -> set[bytes]:
    """Major and compatible brands of an ISO base media file (ISO/IEC 14496-12, 4.3); empty for any other file."""
    if head[4:8] != b"ftyp":
        return set()
    size = min(int.from_bytes(head[:4]), len(head))
    return {head[8:12]} | {head[at : at + 4] for at in range(16, size - 3, 4)}


def _describe(head: bytes, brands: set[bytes]) -> str:
    if b"crx " in brands:
        return "a RAW file"
    if brands:
        return "a video"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return next((name for magic, name in _OTHERS if head.startswith(magic) or text.startswith(magic)), "not a photo")
