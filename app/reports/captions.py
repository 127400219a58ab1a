"""Names as a sheet of paper can show them: within a width, and without characters that the font cannot print.

The font has Latin, Greek and Cyrillic. Any other character would come out as an empty box, or, in scripts whose
letters join or move, wrongly. Each becomes a question mark, and the caption then begins with the photo's number and
ends with an asterisk, which the foot of the page explains.
"""

from collections.abc import Callable, Container
from dataclasses import dataclass

NOTE = "* A name with characters that cannot be printed here. The number in front is the photo's place in the gallery."
_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """A line of text, and whether the note has to explain it."""

    text: str
    noted: bool


def caption(filename: str, *, number: int, glyphs: Container[int], fits: Callable[[str], bool]) -> Caption:
    """The caption of a photo; `glyphs` are the code points that can be printed."""
    text = printable(filename, glyphs=glyphs)
    if text == filename:
        return Caption(text=shortened(text, fits=fits), noted=False)
    return Caption(text=shortened(f"{number}: {text} *", fits=fits), noted=True)


def printable(text: str, *, glyphs: Container[int]) -> str:
    """`text` with a question mark in the place of each character that cannot be printed."""
    return "".join(c if ord(c) in glyphs else "?" for c in text)


def shortened(text: str, *, fits: Callable[[str], bool]) -> str:
    """`text`, or as much of its beginning and end as fits: numbers and endings tell files apart."""
    if fits(text):
        return text
    low, high = 0, len(text)  # characters kept: `low` fit, `high` do not
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(_keep(text, middle)) else (low, middle)
    return _keep(text, low)


def _keep(text: str, count: int) -> str:
    end = count // 2
    return text[: count - end].rstrip() + _ELLIPSIS + (text[-end:].lstrip() if end else "")
