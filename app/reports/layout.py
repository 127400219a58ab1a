"""Where everything stands on a contact sheet: pure geometry, in points (1/72 inch), y upwards as in PDF.

Photos flow in rows, each bottom-aligned above its caption, chapter after chapter. A gallery without sections is one
chapter without a title.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import batched

from app.reports.options import ContactSheetOptions, Paper

MM = 72 / 25.4

PAPERS = {Paper.A4: (210 * MM, 297 * MM), Paper.LETTER: (612.0, 792.0)}
MARGIN = 14 * MM
FIRST_HEAD = 21 * MM
HEAD = 9 * MM
FOOT = 8 * MM
GUTTER = 5 * MM
ROW_GAP = 5 * MM
CAPTION = 4 * MM
HEADING = 9 * MM
# Height of a photo's box by its width: upright photos come out at half the width, A4 takes six rows of four.
BOX = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One photo: its place in the gallery from 1, its rendition's name in the bucket and size in pixels."""

    number: int
    filename: str
    key: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """Photos under one title, or under none."""

    title: str
    frames: Sequence[Frame]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A chapter's title; `y` is its baseline."""

    title: str
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A photo in its box; `caption_y` is its caption's baseline, `box` the width that the caption may take."""

    frame: Frame
    x: float
    y: float
    width: float
    height: float
    box: float
    caption_y: float


type Page = list[Heading | Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The measures that follow from the options."""

    width: float
    height: float
    columns: int
    captions: bool

    @classmethod
    def of(cls, options: ContactSheetOptions) -> "Layout":
        """The layout for a sheet of the chosen paper."""
        width, height = PAPERS[options.paper]
        return cls(width=width, height=height, columns=options.columns, captions=options.captions)

    @property
    def box(self) -> float:
        """Width of a photo's box."""
        return (self.width - 2 * MARGIN - (self.columns - 1) * GUTTER) / self.columns

    @property
    def row(self) -> float:
        """Height of a row without the gap below it."""
        return self.box * BOX + (CAPTION if self.captions else 0)

    def pages(self, chapters: Sequence[Chapter]) -> Iterator[Page]:
        """Place all chapters; a heading never stands alone at the foot of a page."""
        page: Page = []
        floor = MARGIN + FOOT
        y = self.height - MARGIN - FIRST_HEAD
        for chapter in chapters:
            for index, frames in enumerate(batched(chapter.frames, self.columns)):
                heading = HEADING if chapter.title and index == 0 else 0
                if page and y - heading - self.row < floor:
                    yield page
                    page, y = [], self.height - MARGIN - HEAD
                if heading:
                    page.append(Heading(title=chapter.title, y=y - HEADING / 2))
                    y -= heading
                page.extend(self._cell(frame, column, top=y) for column, frame in enumerate(frames))
                y -= self.row + ROW_GAP
        if page:
            yield page

    def _cell(self, frame: Frame, column: int, *, top: float) -> Cell:
        scale = min(self.box / frame.width, self.box * BOX / frame.height)
        bottom = top - self.box * BOX
        return Cell(
            frame=frame,
            x=MARGIN + column * (self.box + GUTTER),
            y=bottom,
            width=frame.width * scale,
            height=frame.height * scale,
            box=self.box,
            caption_y=bottom - CAPTION * 0.8,
        )
