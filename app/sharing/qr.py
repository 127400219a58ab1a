"""A link's address as a QR code, on screen and for print.

Drawn where the address is shown, once, and handed over inside that page: a file to download would need an address of
its own, and that would hold the token.
"""

from dataclasses import dataclass
from typing import Final

from django.utils.safestring import SafeString, mark_safe

__all__ = ["Code", "code_of"]

# Medium correction: 15 % of the code may be dirt, a crease or a shadow. The address fits 33 x 33 modules.
_CORRECTION: Final = "m"
# The quiet zone that ISO/IEC 18004 asks for, in modules.
_BORDER: Final = 4
# A module is 20 pixels wide: 820 pixels make 7 cm at 300 dpi.
_PRINT_SCALE: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One address: an <svg> for the page, and two files as data: URLs."""

    inline: SafeString
    svg: str
    png: str


def code_of(address: str) -> Code:
    """Draw the code of an address."""
    # Here, not above: the web function needs it for one page out of thousands.
    import segno

    code = segno.make_qr(address, error=_CORRECTION)
    # Only numbers vary in it: the address becomes squares.
    drawn = code.svg_inline(border=_BORDER, omitsize=True, svgclass="qr__code", lineclass=None)
    return Code(
        inline=mark_safe(drawn),  # noqa: S308
        svg=code.svg_data_uri(border=_BORDER, scale=_PRINT_SCALE, dark="#000", light="#fff"),
        png=code.png_data_uri(border=_BORDER, scale=_PRINT_SCALE),
    )
