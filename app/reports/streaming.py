"""ReportLab's canvas with pictures that leave memory as soon as they are drawn.

ReportLab keeps every object until the document is saved and then joins them all: three copies of all pictures. A PDF
lists where in the file each object stands, so the pictures, which are its weight, can be written first.
"""

from typing import Any, BinaryIO

from PIL import Image, ImageCms
from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas

__all__ = ["StreamedCanvas"]

_WRITTEN = pdfdoc.PDFObject()


class _File(pdfdoc.PDFFile):  # type: ignore[misc]  # ReportLab has no stubs
    """ReportLab's own collector, passing everything on: its `add` counts the offsets."""

    def __init__(self, out: BinaryIO) -> None:
        super().__init__()
        out.write(b"".join(self.strings))
        self.write = out.write


class _Document(pdfdoc.PDFDocument):  # type: ignore[misc]  # ReportLab has no stubs
    """A document of which objects can be written before the end."""

    def __init__(self, out: BinaryIO, *, lang: str) -> None:
        super().__init__(lang=lang)
        self._file = _File(out)

    def write_now(self, content: Any, *, name: str) -> Any:
        """Write an indirect object and forget its content. Returns the reference to it."""
        reference = self.Reference(content, name)
        self._write(name)
        self.idToObject[name] = _WRITTEN
        return reference

    def format(self) -> bytes:
        """Write the rest, then where everything stands. Nothing is left for ReportLab to write."""
        ids: list[str] = []
        while (number := len(ids) + 1) in self.numberToId:  # objects may be added while others are formatted
            name = self.numberToId[number]
            if name not in self.idToOffset:
                self._write(name)
            ids.append(name)
        table = pdfdoc.PDFCrossReferenceTable()
        table.addsection(0, ids)
        offset = self._file.add(table.format(self))
        catalog, info = self.Reference(self.Catalog), self.Reference(self.info)
        trailer = pdfdoc.PDFTrailer(offset, Size=len(ids) + 1, Root=catalog, Info=info, ID=self.ID())
        self._file.add(trailer.format(self))
        return b""

    def _write(self, name: str) -> None:
        content = pdfdoc.PDFIndirectObject(name, self.idToObject[name])
        self.idToOffset[name] = self._file.add(content.format(self))


class StreamedCanvas(Canvas):  # type: ignore[misc]  # ReportLab has no stubs
    """Writes to `out`, from where it stands at 0. Sizes in points."""

    def __init__(self, out: BinaryIO, *, width: float, height: float, lang: str = "en") -> None:
        super().__init__(out, pagesize=(width, height))
        self._doc = _Document(out, lang=lang)
        self._make_preamble()  # names a font of the document, which is a new one
        self._pictures = 0
        self._srgb = self._doc.write_now(_profile(), name="sRGB")

    def draw_jpeg(self, file: BinaryIO, *, x: float, y: float, width: float, height: float) -> None:
        """Draw an sRGB or grey JPEG, its bytes as they are, with its lower left corner at x, y.

        Raises ValueError for one in CMYK, and OSError for another file.
        """
        self._pictures += 1
        name = f"picture{self._pictures}"
        self._doc.write_now(_jpeg(file, srgb=self._srgb), name=pdfdoc.xObjectName(name))
        self.saveState()
        self.translate(x, y)
        self.scale(width, height)
        self.doForm(name)
        self.restoreState()


def _profile() -> Any:
    content = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    entries = {"N": 3, "Alternate": pdfdoc.PDFName("DeviceRGB")}
    return pdfdoc.PDFStream(pdfdoc.PDFDictionary(entries), content, filters=[pdfdoc.PDFZCompress])


def _jpeg(file: BinaryIO, *, srgb: Any) -> Any:
    with Image.open(
        file, formats=["JPEG"]
    ) as image:  # its header: ReportLab's own reader is lost in a file that is none
        (width, height), mode = image.size, image.mode
    if mode not in {"RGB", "L"}:
        raise ValueError(f"A JPEG in {mode} is neither sRGB nor grey.")
    file.seek(0)
    space = pdfdoc.PDFArray([pdfdoc.PDFName("ICCBased"), srgb]) if mode == "RGB" else pdfdoc.PDFName("DeviceGray")
    entries = {
        "Type": pdfdoc.PDFName("XObject"),
        "Subtype": pdfdoc.PDFName("Image"),
        "Width": width,
        "Height": height,
        "BitsPerComponent": 8,
        "ColorSpace": space,
        "Filter": pdfdoc.PDFName("DCTDecode"),
    }
    return pdfdoc.PDFStream(pdfdoc.PDFDictionary(entries), file.read())
