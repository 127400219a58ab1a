"""Draws a contact sheet: chapters in, a PDF out, one photo in memory at a time."""

import unicodedata
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import BinaryIO

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from app.reports.captions import NOTE, caption, printable, shortened
from app.reports.layout import CAPTION, FIRST_HEAD, FOOT, MARGIN, MM, Cell, Chapter, Heading, Layout, Page
from app.reports.options import ContactSheetOptions
from app.reports.streaming import StreamedCanvas

type Open = Callable[[str], AbstractContextManager[BinaryIO]]

# Noto Sans, under the SIL Open Font License, which lets documents embed it; a PDF gets the letters it uses.
_FONT = "NotoSans"
_FONT_FILE = files("fontpkg_noto_sans") / "files" / "NotoSans[wdth,wght].ttf"
# Its letters join and change places, which takes a shaping engine.
_DEVANAGARI = range(0x0900, 0x0980)
# Control and format characters: direction marks can make `exe.jpg` out of `gpj.exe`.
_UNSEEN = frozenset({"Cc", "Cf"})
_TITLE, _SUBTITLE, _HEADING, _SMALL = 22, 9.5, 11, 7
_INK, _MUTED = 0.09, 0.42
_TOLERANCE = 0.01  # points; a line as wide as its room fits


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """What stands at the head: the gallery's title, the studio's name, the day in words."""

    title: str
    studio: str
    day: str


@cache
def _glyphs() -> frozenset[int]:
    """Make the font known to ReportLab. Returns the code points that it prints rightly."""
    font = TTFont(_FONT, str(_FONT_FILE))
    pdfmetrics.registerFont(font)
    return frozenset(
        code
        for code in font.face.charToGlyph
        if code not in _DEVANAGARI and unicodedata.category(chr(code)) not in _UNSEEN
    )


def draw_contact_sheet(
    out: BinaryIO, *, cover: Cover, chapters: Sequence[Chapter], options: ContactSheetOptions, open_file: Open
) -> int:
    """Write the PDF to `out` and return its number of pages. `open_file` gets a frame's key.

    Raises whatever `open_file` raises, and OSError or ValueError for a file that is no JPEG in sRGB or grey.
    """
    layout = Layout.of(options)
    total = sum(1 for _ in layout.pages(chapters))
    sheet = _Sheet(out, cover=cover, layout=layout, total=total)
    for number, page in enumerate(layout.pages(chapters), start=1):
        sheet.draw(page, number=number, photos=sum(len(c.frames) for c in chapters), open_file=open_file)
    sheet.canvas.save()
    return total


class _Sheet:
    def __init__(self, out: BinaryIO, *, cover: Cover, layout: Layout, total: int) -> None:
        self.layout, self.total = layout, total
        self.glyphs = _glyphs()
        self.cover = Cover(**{name: printable(getattr(cover, name), glyphs=self.glyphs) for name in Cover.__slots__})
        self.canvas = StreamedCanvas(out, width=layout.width, height=layout.height)
        self.canvas.setTitle(cover.title)  # metadata, in any script
        self.canvas.setAuthor(cover.studio)
        self.canvas.setSubject("Contact sheet")
        self.canvas.setCreator("Loupe")

    def draw(self, page: Page, *, number: int, photos: int, open_file: Open) -> None:
        if number == 1:
            self._cover(photos)
        else:
            self._text(self.cover.title, y=self.layout.height - MARGIN - _SMALL, size=_SMALL, grey=_MUTED)
        noted = False
        for item in page:
            if isinstance(item, Heading):
                self._text(printable(item.title, glyphs=self.glyphs), y=item.y, size=_HEADING)
            else:
                noted |= self._cell(item, open_file=open_file)
        self._foot(number, noted=noted)
        self.canvas.showPage()

    def _cover(self, photos: int) -> None:
        top = self.layout.height - MARGIN
        self._text(self.cover.title, y=top - _TITLE, size=_TITLE)
        count = f"{photos:,} photo" + ("s" if photos != 1 else "")
        line = " · ".join(part for part in (self.cover.studio, self.cover.day, count) if part)
        self._text(line, y=top - FIRST_HEAD + 6.5 * MM, size=_SUBTITLE, grey=_MUTED)

    def _cell(self, cell: Cell, *, open_file: Open) -> bool:
        """Draw a photo and its caption; whether the note has to explain it."""
        with open_file(cell.frame.key) as file:
            self.canvas.draw_jpeg(file, x=cell.x, y=cell.y, width=cell.width, height=cell.height)
        if not self.layout.captions:
            return False
        text = caption(
            cell.frame.filename,
            number=cell.frame.number,
            glyphs=self.glyphs,
            fits=lambda line: pdfmetrics.stringWidth(line, _FONT, _SMALL) <= cell.box,
        )
        self._text(text.text, x=cell.x, y=cell.caption_y, size=_SMALL, grey=_MUTED, width=cell.box)
        return text.noted

    def _foot(self, number: int, *, noted: bool) -> None:
        place = f"Page {number} of {self.total}"
        end = self.layout.width - MARGIN - pdfmetrics.stringWidth(place, _FONT, _SMALL)
        self._text(place, x=end, y=MARGIN, size=_SMALL, grey=_MUTED)
        self._text(self.cover.studio, y=MARGIN, size=_SMALL, grey=_MUTED, width=end - MARGIN - FOOT)
        if noted:
            self._text(NOTE, y=MARGIN + CAPTION, size=_SMALL - 0.5, grey=_MUTED)

    def _text(
        self, text: str, *, y: float, x: float = MARGIN, size: float, grey: float = _INK, width: float | None = None
    ) -> None:
        room = width or self.layout.width - MARGIN - x
        line = shortened(text, fits=lambda part: pdfmetrics.stringWidth(part, _FONT, size) <= room + _TOLERANCE)
        self.canvas.setFont(_FONT, size)
        self.canvas.setFillGray(grey)
        self.canvas.drawString(x, y, line)
