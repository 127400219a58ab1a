"""The original as it may leave the studio: the file that was sent, without where it was taken."""

from typing import BinaryIO

from app.media.exceptions import RejectedPhoto
from app.media.location import Edit, UnreadableFile, edited, find_location
from app.media.results import Format, Inspection


def edits_for(source: BinaryIO, *, format: Format) -> list[Edit]:  # noqa: A002 - Pillow's own word for it
    """What to change in `source`; raises `RejectedPhoto` where that cannot be found out."""
    try:
        return find_location(source, format=format)
    except UnreadableFile as error:
        raise RejectedPhoto(
            "corrupt",
            "The metadata of this file is damaged, and a position in it could not be removed. Please export it again.",
        ) from error


def without_location(source: BinaryIO, *, inspection: Inspection) -> BinaryIO | None:
    """See `app.media.without_location`."""
    edits = edits_for(source, format=inspection.format)
    if not edits:
        return None
    cleaned = edited(source, edits)
    if edits_for(cleaned, format=inspection.format):
        raise RejectedPhoto("corrupt", "A position in this file could not be removed. Please export it again.")
    cleaned.seek(0)
    return cleaned
