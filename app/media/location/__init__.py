"""Where a photo was taken, found in its metadata and taken out without touching a pixel.

Enters: a seekable binary file and its format. Leaves: the edits that rid it of every position and place name in
EXIF, XMP and IPTC, and a view of the file that reads as if they had been made.
Touches: nothing; the file is only read, and of it little more than the metadata.

Each block of metadata keeps its length, so that no offset in the file, known or unknown, comes to point elsewhere;
only PNG, which has none, is given shorter chunks. A block that cannot be read is emptied whole.
Left alone: maker notes, videos and free text (captions, keywords, file names). No library does this: those in Python
edit JPEG only, decode the photo again, or drag a C++ toolbox along.
"""

from typing import BinaryIO

from app.media.location import isobmff, jpeg, png, webp
from app.media.location.blocks import Edit, UnreadableFile
from app.media.location.edited import edited
from app.media.results import Format

__all__ = ["Edit", "UnreadableFile", "edited", "find_location"]

_CONTAINERS = {"JPEG": jpeg.edits, "PNG": png.edits, "WEBP": webp.edits, "HEIC": isobmff.edits, "AVIF": isobmff.edits}
_MAX_EDITS = 32 * 1024**2  # bytes held in memory; each block may have half of it


def find_location(source: BinaryIO, *, format: Format) -> list[Edit]:  # noqa: A002 - Pillow's own word for it
    """The edits, in the order of the file; none if there is nothing to remove.

    Raises `UnreadableFile` where the container itself cannot be followed to its metadata, and for metadata of more
    than 32 MB.
    """
    found, room = list[Edit](), _MAX_EDITS
    for edit in _CONTAINERS[format](source):
        found.append(edit)
        room -= len(edit.content)
        if room < 0:
            raise UnreadableFile
    return sorted(found, key=lambda edit: edit.start)
