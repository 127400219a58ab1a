import io
from bisect import bisect_right
from collections.abc import Sequence
from typing import BinaryIO, override

from app.media.location.blocks import Edit

__all__ = ["edited"]


def edited(source: BinaryIO, edits: Sequence[Edit]) -> BinaryIO:
    """A view of `source` with the edits made, which takes no memory: it reads `source` anew at each call.

    `source` must stay open and unshared while the view is read; closing the view leaves it open.
    """
    return io.BufferedReader(_Edited(source, edits))


class _Edited(io.RawIOBase):
    def __init__(self, source: BinaryIO, edits: Sequence[Edit]) -> None:
        self._source = source
        self._at = 0
        self._pieces: list[tuple[int, int, bytes | int]] = []  # start and end here; the bytes, or where they lie there
        here = there = 0
        for edit in edits:
            here = self._add(here, edit.start - there, there)
            here = self._add(here, len(edit.content), edit.content)
            there = edit.end
        self._size = self._add(here, source.seek(0, io.SEEK_END) - there, there)
        self._starts = [start for start, _, _ in self._pieces]

    def _add(self, here: int, length: int, content: bytes | int) -> int:
        if length > 0:
            self._pieces.append((here, here + length, content))
        return here + max(0, length)

    @override
    def readable(self) -> bool:
        return True

    @override
    def seekable(self) -> bool:
        return True

    @override
    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence])
        return self._at

    @override
    def readinto(self, buffer: "memoryview | bytearray", /) -> int:  # type: ignore[override]
        if self._at >= self._size:
            return 0
        start, end, content = self._pieces[bisect_right(self._starts, self._at) - 1]
        within, length = self._at - start, min(len(buffer), end - self._at)
        if isinstance(content, bytes):
            found = content[within : within + length]
        else:
            self._source.seek(content + within)
            found = self._source.read(length)
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)
