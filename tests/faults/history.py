"""What happened, in order: one line of JSON an event, written with one system call to a file opened for appending.

A file, not a table: no fault of a database reaches it, a rollback does not take it back, a process that is killed has
written a line or has not, and lines of several processes stand whole and in the order in which they were written
(https://man7.org/linux/man-pages/man2/write.2.html, O_APPEND).
"""

import json
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """``what`` happened to the task called ``mark`` (empty: to none in particular) in process ``by``."""

    at: float
    what: str
    mark: str
    by: int
    more: dict[str, Any]

    def __str__(self) -> str:
        rest = " ".join(f"{name}={value}" for name, value in self.more.items())
        return f"{self.at:.3f} [{self.by}] {self.what} {self.mark} {rest}".rstrip()


class History:
    """Append with ``add`` from any process; ``lines`` reads everything."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def add(self, what: str, mark: str = "", **more: Any) -> None:
        line = {"at": time.monotonic(), "what": what, "mark": mark, "by": os.getpid(), "more": more}
        os.write(self._file, json.dumps(line, default=str).encode() + b"\n")

    def lines(self) -> list[Line]:
        with self.path.open(encoding="utf-8") as file:
            return [Line(**json.loads(text)) for text in file]

    def clear(self) -> None:
        os.truncate(self.path, 0)

    def close(self) -> None:
        os.close(self._file)


def of(lines: Iterable[Line], what: str) -> list[Line]:
    return [line for line in lines if line.what == what]
