"""Is the end of the file there? For the containers that say how long they are, because their decoders would rather
invent grey tiles than complain. JPEG and PNG decoders complain on their own."""

from typing import BinaryIO

from app.media.exceptions import RejectedPhoto
from app.media.results import Format


def cut_off() -> RejectedPhoto:
    return RejectedPhoto("truncated", "This file is cut off: its end is missing. Please export it again.")


def check_whole(source: BinaryIO, *, kind: Format, size: int) -> None:
    """Raise `RejectedPhoto` if a WebP, AVIF or HEIC announces more bytes than the `size` it has."""
    if kind == "WEBP":
        source.seek(4)
        announced = 8 + int.from_bytes(source.read(4), "little")
    elif kind in {"AVIF", "HEIC"}:
        announced = _end_of_boxes(source, size=size)
    else:
        return
    if announced > size:
        raise cut_off()


def _end_of_boxes(source: BinaryIO, *, size: int) -> int:
    """Where the last box that carries the photo ends (ISO/IEC 14496-12, 4.2); cameras append boxes of their own."""
    end = position = 0
    while position < size:
        source.seek(position)
        head = source.read(16)
        length, name = int.from_bytes(head[:4]), head[4:8]
        if length == 1:
            length = int.from_bytes(head[8:])
        if length < 8:  # 0: up to the end of the file, whatever its size
            break
        position += length
        if name in {b"ftyp", b"meta", b"moov", b"mdat"}:
            end = position
    return end
