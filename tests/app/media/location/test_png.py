import zlib
from io import BytesIO

import pytest
from PIL import Image

from app.media.location import edited, find_location
from tests.app.media.darkroom import encoded
from tests.app.media.location.test_iptc import TITLE, dataset
from tests.app.media.location.test_photoshop import resource
from tests.app.media.location.test_tiff import photo

PLAIN = encoded(Image.effect_noise((40, 30), 60)).getvalue()
END = PLAIN.rindex(b"IEND") - 4
PLACE = b'<a exif:GPSLatitude="48,8.25N" xmp:Rating="4"/>'
GONE = PLACE.replace(b'exif:GPSLatitude="48,8.25N"', b" " * 27)


def chunk(name: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4) + name + content + zlib.crc32(name + content).to_bytes(4)


def with_chunk(name: bytes, content: bytes, *, late: bool = False) -> bytes:
    at = END if late else 33
    return PLAIN[:at] + chunk(name, content) + PLAIN[at:]


def cleaned(content: bytes) -> bytes:
    source = BytesIO(content)
    found = edited(source, find_location(source, format="PNG")).read()
    with Image.open(BytesIO(found)) as image:
        image.load()  # checks the checksums
    return found


@pytest.mark.parametrize("late", [False, True])
def test_exif_before_and_behind_the_pixels(late: bool) -> None:
    content = cleaned(with_chunk(b"eXIf", photo("<"), late=late))
    assert b"eXIf" in content
    assert b"LATITUDE" not in content
    assert len(content) == len(with_chunk(b"eXIf", photo("<")))


def test_xmp_as_it_is_and_compressed() -> None:
    head = b"XML:com.adobe.xmp\0"
    plain, packed = b"\0\0en\0\0", b"\1\0\0\0"
    assert cleaned(with_chunk(b"iTXt", head + plain + PLACE)) == with_chunk(b"iTXt", head + plain + GONE)
    content = with_chunk(b"iTXt", head + packed + zlib.compress(PLACE))
    assert cleaned(content) == with_chunk(b"iTXt", head + packed + zlib.compress(GONE))


def test_raw_profiles() -> None:
    profile = b"\nexif\n      %d\n" % len(photo("<"))
    text = profile + photo("<").hex().encode()
    content = cleaned(with_chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(text)))
    body = content[content.index(b"exif\0\0") + 6 :]
    kept = bytes.fromhex(zlib.decompressobj().decompress(body).decode().split()[2])
    assert len(kept) == len(photo("<"))
    assert b"LATITUDE" not in kept


@pytest.mark.parametrize(
    "wrap", [lambda block: block, lambda block: resource(0x0404, block)], ids=["iptc", "photoshop"]
)
def test_iptc_in_a_raw_profile_of_lines(wrap: "type[bytes]") -> None:
    block = wrap(dataset(90, b"Mainz") + TITLE)
    digits = block.hex()
    lines = "\n".join(digits[at : at + 36] for at in range(0, len(digits), 36))
    content = cleaned(with_chunk(b"tEXt", b"Raw profile type iptc\0\niptc\n 9\n" + lines.encode()))
    assert b"Mainz".hex().encode() not in content.replace(b"\n", b"")
    assert TITLE.hex().encode() in content


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (b"tEXt", b"exif:GPSLatitude\x0050/1"),
        (b"tEXt", b"Location\0Mainz"),
        (b"zTXt", b"Raw profile type exif\0\0not compressed"),
        (b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(b"\nexif\n 3\nxyz")),
        (b"tEXt", b"Raw profile type exif\0"),
        (b"iTXt", b"XML:com.adobe.xmp\0\1"),
    ],
)
def test_chunks_that_name_a_place_or_cannot_be_read_are_left_out(name: bytes, content: bytes) -> None:
    assert cleaned(with_chunk(name, content)) == PLAIN


@pytest.mark.parametrize("content", [b"Title\0Location", b"Author\0Ada", b"XML:com.adobe.xmp\0<a/>"])
def test_other_text_stays(content: bytes) -> None:
    assert find_location(BytesIO(with_chunk(b"tEXt", content)), format="PNG") == []


def test_a_bomb_is_left_out() -> None:
    bomb = zlib.compress(bytes(40_000_000))
    assert cleaned(with_chunk(b"zTXt", b"Raw profile type xmp\0\0" + bomb)) == PLAIN
