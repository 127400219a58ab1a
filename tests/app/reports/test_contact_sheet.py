"""Sheets are read back, strictly, by pypdf, which shares no code with what wrote them."""

from io import BytesIO
from typing import BinaryIO

import pytest
from PIL import Image, ImageCms
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from app.reports.captions import NOTE
from app.reports.contact_sheet import Cover, draw_contact_sheet
from app.reports.layout import Chapter, Frame
from app.reports.options import ContactSheetOptions, Paper
from tests.app.reports.conftest import COLOURS, jpeg

COVER = Cover(title="Ada & Charles", studio="Our Studio", day="14 May 2026")


def sheet(*names: str, cover: Cover = COVER, title: str = "", captions: bool = True) -> PdfReader:
    files = {str(n): jpeg(COLOURS[n % 4]) for n in range(len(names))}
    frames = [Frame(number=n + 1, filename=name, key=str(n), width=48, height=32) for n, name in enumerate(names)]
    out = BytesIO()
    pages = draw_contact_sheet(
        out,
        cover=cover,
        chapters=[Chapter(title=title, frames=frames)],
        options=ContactSheetOptions(captions=captions),
        open_file=lambda key: BytesIO(files[key]),
    )
    reader = PdfReader(out, strict=True)
    assert len(reader.pages) == pages
    return reader


def text(reader: PdfReader, page: int = 0) -> str:
    return reader.pages[page].extract_text()


def test_shows_title_studio_day_names_and_place() -> None:
    reader = sheet(*(f"IMG_{n:04}.jpg" for n in range(30)))
    assert text(reader).startswith("Ada & Charles\nOur Studio · 14 May 2026 · 30 photos\nIMG_0000.jpg\nIMG_0001.jpg")
    assert "Page 1 of 2" in text(reader)
    assert text(reader, 1).startswith("Ada & Charles\nIMG_0024.jpg")
    assert "Page 2 of 2" in text(reader, 1)
    assert NOTE not in text(reader)


def test_every_photo_is_in_it_with_its_own_bytes_as_srgb() -> None:
    reader = sheet("a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg")
    resources = reader.pages[0]["/Resources"]
    assert isinstance(resources, DictionaryObject)
    pictures = [picture.get_object() for picture in resources["/XObject"].values()]  # type: ignore[attr-defined]
    assert [picture._data for picture in pictures] == [jpeg(COLOURS[n % 4]) for n in range(5)]
    for picture in pictures:
        kind, profile = picture["/ColorSpace"]
        assert kind == "/ICCBased"
        assert "sRGB" in ImageCms.getProfileDescription(BytesIO(profile.get_object().get_data()))
    with Image.open(BytesIO(pictures[1]._data)) as image:
        assert image.format == "JPEG"


def test_metadata_says_what_it_is() -> None:
    reader = sheet("a.jpg", cover=Cover(title="写真 🎉", studio="Študio", day=""))
    assert reader.metadata is not None
    assert (reader.metadata.title, reader.metadata.author) == ("写真 🎉", "Študio")
    assert (reader.metadata.subject, reader.metadata.creator) == ("Contact sheet", "Loupe")
    assert reader.trailer["/Root"]["/Lang"] == "en"  # type: ignore[index]


@pytest.mark.parametrize("name", ["Ελλάδα.jpg", "Москва.jpg", "Đà Nẵng.jpg", "Łódź ﬁ.jpg", "at 10.00\u202fAM.jpg"])
def test_latin_greek_and_cyrillic_names_are_printed(name: str) -> None:
    found = text(sheet(name))
    assert name in found
    assert NOTE not in found


@pytest.mark.parametrize("name", ["שלום.jpg", "مرحبا.jpg", "写真.jpg", "हिन्दी.jpg", "📷.jpg", "\u202eexe.jpg"])
def test_other_names_are_numbered_and_explained(name: str) -> None:
    found = text(sheet("first.jpg", name))
    assert "2: ?" in found
    assert NOTE in found


def test_titles_in_other_scripts_do_not_stop_it() -> None:
    found = text(sheet("a.jpg", cover=Cover(title="写真", studio="סטודיו", day=""), title="مرحبا"))
    assert found.startswith("??\n?????? · 1 photo\n?????\na.jpg")


def test_long_texts_stay_on_the_paper() -> None:
    reader = sheet("x" * 255, cover=Cover(title="T" * 120, studio="S" * 120, day="14 May 2026"))
    assert "xxx…xxx" in text(reader)
    assert "TTT…TTT" in text(reader)


def test_without_captions_no_name_is_shown() -> None:
    assert "a.jpg" not in text(sheet("a.jpg", captions=False))


def test_fonts_are_embedded() -> None:
    fonts = sheet("a.jpg").pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    embedded = [font.get_object() for font in fonts.values()]
    assert any("NotoSans" in font["/BaseFont"] and "/FontFile2" in font["/FontDescriptor"] for font in embedded)


def test_the_paper_has_its_size() -> None:
    out = BytesIO()
    options = ContactSheetOptions(paper=Paper.LETTER)
    frames = [Frame(number=1, filename="a", key="a", width=48, height=32)]
    chapters = [Chapter(title="", frames=frames)]
    draw_contact_sheet(out, cover=COVER, chapters=chapters, options=options, open_file=lambda _: BytesIO(jpeg("#fff")))
    assert [float(n) for n in PdfReader(out, strict=True).pages[0].mediabox] == [0, 0, 612, 792]


def test_a_grey_jpeg_stays_grey_and_others_are_refused() -> None:
    def draw(mode: str, kind: str = "JPEG") -> PdfReader:
        file, out = BytesIO(), BytesIO()
        Image.new(mode, (48, 32)).save(file, kind)
        frames = [Frame(number=1, filename="a", key="a", width=48, height=32)]
        draw_contact_sheet(
            out,
            cover=COVER,
            chapters=[Chapter(title="", frames=frames)],
            options=ContactSheetOptions(),
            open_file=lambda _: BytesIO(file.getvalue()),
        )
        return PdfReader(out, strict=True)

    resources = draw("L").pages[0]["/Resources"]
    assert isinstance(resources, DictionaryObject)
    (picture,) = resources["/XObject"].values()  # type: ignore[attr-defined]
    assert picture.get_object()["/ColorSpace"] == "/DeviceGray"
    with pytest.raises(ValueError, match="JPEG in CMYK"):
        draw("CMYK")
    with pytest.raises(OSError, match="cannot identify"):
        draw("RGB", "PNG")


def test_only_one_photo_is_open_at_a_time() -> None:
    now = most = 0

    class Counting(BytesIO):
        def __init__(self) -> None:
            nonlocal now, most
            super().__init__(jpeg("#123456"))
            now += 1
            most = max(most, now)

        def __exit__(self, *args: object) -> None:
            nonlocal now
            now -= 1

    def opened(_: str) -> BinaryIO:
        return Counting()

    frames = [Frame(number=n, filename="a", key="a", width=48, height=32) for n in range(1, 41)]
    chapters = [Chapter(title="", frames=frames)]
    draw_contact_sheet(BytesIO(), cover=COVER, chapters=chapters, options=ContactSheetOptions(), open_file=opened)
    assert most == 1
