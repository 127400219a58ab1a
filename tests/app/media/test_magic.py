import pytest

from app.media import RejectedPhoto
from app.media.magic import identify


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\xff\xd8\xff\xe1", "JPEG"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "WEBP"),
        (b"\0\0\0\x1cftypavif\0\0\0\0mif1avif", "AVIF"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif", "AVIF"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0heicmif1", "HEIC"),
        (b"\0\0\0\x14ftypheix\0\0\0\0mif1", "HEIC"),
    ],
)
def test_formats_are_known_by_their_first_bytes(head: bytes, kind: str) -> None:
    assert identify(head) == kind


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (b"%PDF-1.7", "PDF"),
        (b"GIF89a", "GIF"),
        (b"II*\0\x08", "RAW"),
        (b"MM\0*\0\0", "RAW"),
        (b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom", "RAW"),
        (b"FUJIFILMCCD-RAW 0201", "RAW"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "video"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "video"),
        (b"8BPS\0\x01", "Photoshop"),
        (b"PK\x03\x04", "ZIP"),
        (b"<!doctype html>", "web page"),
        (b'\xef\xbb\xbf  <?xml version="1.0"?><svg>', "SVG"),
        (b"RIFF\x10\0\0\0WAVEfmt ", "not a photo"),
        (b"hello", "not a photo"),
        (b"\0", "not a photo"),
    ],
)
def test_other_files_are_named_for_what_they_are(head: bytes, what: str) -> None:
    with pytest.raises(RejectedPhoto) as refused:
        identify(head)
    assert refused.value.code == "unsupported"
    assert what in refused.value.reason
    assert "JPEG, PNG, WebP, AVIF or HEIC" in refused.value.reason


def test_nothing_is_an_empty_file() -> None:
    with pytest.raises(RejectedPhoto, match="empty"):
        identify(b"")


def test_brands_end_with_their_box() -> None:
    with pytest.raises(RejectedPhoto, match="a video"):
        identify(b"\0\0\0\x14ftypisom\0\0\0\0isomavif")
