"""Bad input: each file is refused with a code and a sentence, at a bounded cost."""

import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from app.media import MAX_PIXELS, RejectedPhoto, develop, inspect
from tests.app.media.darkroom import encoded, png_of_one_colour, renditions, run
from tests.samples.photos import Samples


def refusal(source: BytesIO | Path) -> RejectedPhoto:
    with pytest.raises(RejectedPhoto) as refused:
        renditions(source)
    assert refused.value.reason.endswith((".", "!"))
    assert "Please" in refused.value.reason
    return refused.value


def noise(kind: str) -> bytes:
    return encoded(Image.effect_noise((400, 300), 80).convert("RGB"), kind).getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.95])
def test_a_file_that_is_cut_off(kind: str, part: float) -> None:
    whole = noise(kind)
    refused = refusal(BytesIO(whole[: int(len(whole) * part)]))
    assert refused.code == "truncated"
    assert "cut off" in refused.reason


def test_a_file_whose_middle_is_lost() -> None:
    """PNG has checksums; the other formats cannot tell noise from a photo."""
    whole = noise("PNG")
    third = len(whole) // 3
    assert refusal(BytesIO(whole[:third] + bytes(third) + whole[2 * third :])).code == "corrupt"


@pytest.mark.parametrize("head", [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"])
def test_a_header_with_nothing_behind_it(head: bytes) -> None:
    assert refusal(BytesIO(head)).code in {"corrupt", "truncated"}


@pytest.mark.parametrize("head", [b"", b"%PDF-1.7 ...", b"GIF89a...", b"<svg xmlns='x'/>", b"II*\0...."])
def test_a_file_of_another_type(head: bytes) -> None:
    assert refusal(BytesIO(head)).code == ("unsupported" if head else "empty")


@pytest.mark.parametrize(
    ("width", "height"),
    [(20_000, 20_000), (60_000, 60_000), (12_000, 9_500), (8_001, 8_001)],
)
def test_too_many_pixels(width: int, height: int) -> None:
    """Decided by the header: there are no pixels behind it."""
    header = png_of_one_colour(width, 1).replace(b"\0\0\0\x01\x01\0\0\0\0", height.to_bytes(4) + b"\x01\0\0\0\0", 1)
    body = header[12:29]
    sealed = header[:29] + zlib.crc32(body).to_bytes(4) + header[33:] + bytes(1_000_000)
    refused = refusal(BytesIO(sealed))
    assert refused.code == "too_large"
    assert "64 megapixels" in refused.reason or "110 megapixels" in refused.reason


def test_a_jpeg_may_have_more_pixels_than_a_png() -> None:
    """The same 81 MP pass as a JPEG, which is decoded at a fraction of its size."""
    jpeg = encoded(Image.effect_noise((64, 64), 60), "JPEG").getvalue()
    at = jpeg.index(b"\xff\xc0") + 5
    for edge, passes in ((9_000, True), (10_600, False)):
        claimed = jpeg[:at] + edge.to_bytes(2) * 2 + jpeg[at + 4 :] + bytes(1_000_000)
        assert (edge * edge <= MAX_PIXELS) is passes
        if passes:
            assert inspect(BytesIO(claimed)).width == edge
        else:
            assert refusal(BytesIO(claimed)).code == "too_large"


def test_a_blank_photo_is_no_bomb() -> None:
    assert len(renditions(BytesIO(png_of_one_colour(3000, 2000)))) == 9


BOMBS = {
    "231 MB in 9.9 kB": (8775, 8775, 1, 0),
    "just under the pixel limit": (7900, 7900, 8, 0),
    "RGBA": (7900, 7900, 8, 6),
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_costs_no_memory(bomb: tuple[int, int, int, int], tmp_path: Path) -> None:
    width, height, bits, colour_type = bomb
    content = png_of_one_colour(width, height, bits=bits, colour_type=colour_type)
    file = tmp_path / "bomb.png"
    file.write_bytes(content)
    assert len(content) < 260_000
    printed = run(
        """
        import sys
        import app.media.developing
        from app.media import RejectedPhoto, develop, inspect
        before = peak()
        try:
            with open(sys.argv[1], "rb") as source:
                develop(source, inspection=inspect(source))
        except RejectedPhoto as refused:
            print(refused.code, peak() - before)
        """,
        str(file),
    )
    reason, megabytes = printed.split()
    assert reason == "too_large"
    assert int(megabytes) < 10


@pytest.mark.samples
def test_the_corpora_of_broken_files(samples: Samples) -> None:
    refused = {path.name: refusal(path).code for path in samples.broken}
    assert refused["truncated_jpeg.jpg"] == refused["truncated_image.png"] == refused["ultrahdr.jpg"] == "truncated"
    assert refused["broken.png"] == refused["corrupted.heic"] == "corrupt"
    assert refused["empty.heic"] == "empty"


@pytest.mark.samples
@pytest.mark.parametrize("part", [0.001, 0.3, 0.9])
def test_a_heic_that_is_cut_off(samples: Samples, part: float) -> None:
    whole = samples.heic.read_bytes()
    assert refusal(BytesIO(whole[: int(len(whole) * part)])).code in {"truncated", "corrupt"}


@pytest.mark.samples
def test_a_heic_of_200_mp_is_refused_by_its_header(samples: Samples) -> None:
    with samples.heic_200mp.open("rb") as source, pytest.raises(RejectedPhoto, match="110 megapixels"):
        inspect(source)


@pytest.mark.samples
def test_every_file_of_the_pillow_corpus_is_developed_or_refused(samples: Samples) -> None:
    """1,000 odd, broken and hostile files: no other exception, whatever they are."""
    outcomes = {"developed": 0, "refused": 0, "large": 0}
    for path in sorted((samples.root / "pillow").rglob("*")):
        if path.is_file():
            outcomes[_outcome(path)] += 1
    assert outcomes["developed"] > 300
    assert outcomes["refused"] > 400
    assert outcomes["large"] < 150


def _outcome(path: Path) -> str:
    with path.open("rb") as source:
        try:
            found = inspect(source)
            if found.width * found.height > 100_000:
                return "large"  # developing them all would take the test ten times as long
            list(develop(source, inspection=found).renditions)
        except RejectedPhoto:
            return "refused"
    return "developed"


def test_a_lost_disk_is_not_the_photographers_fault() -> None:
    class Lost(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 0:
                raise OSError(5, "Input/output error")
            return super().read(size)

    with pytest.raises(OSError, match="Input/output error"):
        inspect(Lost(noise("PNG")))
