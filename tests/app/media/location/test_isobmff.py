from io import BytesIO

import pytest

from app.media.location import Edit, UnreadableFile, edited, find_location
from tests.app.media.location.test_tiff import photo

PLACE = b"<a exif:GPSLatitude='48'/>"
GONE = b"<a " + b" " * 21 + b"/>"


def box(name: bytes, content: bytes, *, version: int | None = None) -> bytes:
    full = b"" if version is None else bytes([version, 0, 0, 0])
    return (8 + len(full + content)).to_bytes(4) + name + full + content


def infe(item: int, kind: bytes, *, version: int = 2) -> bytes:
    return box(b"infe", item.to_bytes(2 if version == 2 else 4) + bytes(2) + kind + b"\0", version=version)


XMP_ITEM = b"mime\0application/rdf+xml"


def iloc(items: dict[int, list[tuple[int, int]]], *, version: int = 1, method: int = 0) -> bytes:
    wide = 4 if version == 2 else 2
    content = b"\x44\0" + len(items).to_bytes(wide)
    for item, extents in items.items():
        content += item.to_bytes(wide) + (method.to_bytes(2) if version else b"") + bytes(2)
        content += len(extents).to_bytes(2) + b"".join(s.to_bytes(4) + n.to_bytes(4) for s, n in extents)
    return box(b"iloc", content, version=version)


def heic(*boxes: bytes, infes: list[bytes]) -> bytes:
    iinf = box(b"iinf", len(infes).to_bytes(2) + b"".join(infes), version=0)
    return box(b"ftyp", b"heic") + box(b"meta", iinf + b"".join(boxes), version=0)


def found(content: bytes) -> list[Edit]:
    return find_location(BytesIO(content), format="HEIC")


@pytest.mark.parametrize("version", [0, 1, 2])
def test_an_item_in_two_pieces(version: int) -> None:
    def file(first: bytes, second: bytes, *, at: int) -> bytes:
        extents = {7: [(at + 20, len(second)), (at, len(first))]}  # the second piece of the file comes first
        return heic(iloc(extents, version=version), infes=[infe(7, XMP_ITEM)]) + first + second.rjust(20 + len(second))[len(first):]  # noqa: E501  # fmt: skip

    at = len(file(b"", b"", at=0)) - 20
    content = file(PLACE[9:], PLACE[:9], at=at)
    source = BytesIO(content)
    assert edited(source, found(content)).read() == file(GONE[9:], GONE[:9], at=at)


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("head", [bytes(4), b"\0\0\0\6Exif\0\0"])
def test_exif_in_idat(version: int, head: bytes) -> None:
    item = head + photo(">")
    boxes = iloc({7: [(3, len(item))]}, method=1), box(b"idat", b"xyz" + item)
    [edit] = found(heic(*boxes, infes=[infe(7, b"Exif", version=version)]))
    assert len(edit.content) == len(photo(">"))
    assert b"LATITUDE" not in edit.content


@pytest.mark.parametrize("item", [b"\xff\xff\xff\xff" + photo(">"), b"\0\0\0\0nonsense and more", b"abc"])
def test_exif_that_cannot_be_read_is_emptied(item: bytes) -> None:
    boxes = iloc({7: [(0, len(item))]}, method=1), box(b"idat", item)
    content = heic(*boxes, infes=[infe(7, b"Exif")])
    view = edited(BytesIO(content), found(content)).read()
    assert len(view) == len(content)
    assert b"LATITUDE" not in view
    assert b"nonsense" not in view
    assert found(view) == []


def test_without_metadata_nothing_is_looked_up() -> None:
    assert found(heic(infes=[infe(7, b"hvc1")])) == []
    assert found(box(b"ftyp", b"heic")) == []


@pytest.mark.parametrize(
    "boxes",
    [
        [],
        [iloc({7: [(10_000, 5)]})],
        [iloc({7: [(0, 5)]})[:-1]],
        [iloc({7: [(0, 5)]}).replace(b"\x44\0", b"\x40\0")],
        [box(b"iloc", b"\x44\0\xff\xff", version=0)],
    ],
    ids=["no iloc", "outside", "cut off", "without lengths", "more items than bytes"],
)
def test_an_item_that_cannot_be_found_is_refused(boxes: list[bytes]) -> None:
    with pytest.raises(UnreadableFile):
        found(heic(*boxes, infes=[infe(7, b"Exif")]))
