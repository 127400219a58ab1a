"""libpq's own account of what it sends: PQtrace, without time stamps.

One line a message, ``F`` for the client's: F, 10, Query and "BEGIN" between tabs. Strings are not escaped, so that a
text is cut by the length in front of it. https://www.postgresql.org/docs/current/libpq-control.html#LIBPQ-PQTRACE
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Sent", "sent"]

_HEAD = re.compile(rb"^F\t(\d+)\t(Query|Parse|Bind)\t ", re.MULTILINE)
_NAMES = re.compile(rb'"([^"]*)" "([^"]*)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A statement that was sent: its text, and its name where it was prepared under one. A name alone is run again."""

    text: str
    name: str = ""


def sent(trace: bytes) -> Iterator[Sent]:
    """Yield the statements that ``trace`` says were sent, in order."""
    at = 0
    while head := _HEAD.search(trace, at):
        length, kind, at = int(head[1]) - 4, head[2], head.end()  # libpq counts the length's own four bytes
        if kind == b"Query":
            text = trace[at + 1 : at + length]  # behind the quote, and without the final NUL
            at += length + 1
            yield Sent(text=_decoded(text))
        elif kind == b"Bind":
            if (names := _NAMES.match(trace, at)) and names[2]:
                yield Sent(text="", name=_decoded(names[2]))
        else:
            name = trace[at + 1 : max(trace.find(b'"', at + 1), at + 1)]
            text = _parsed(trace, at + len(name) + len('"" "'), length - len(name) - 1)
            at += len(name) + len(text)
            yield Sent(text=_decoded(text), name=_decoded(name))


def _parsed(trace: bytes, start: int, length: int) -> bytes:
    """Return the text of a Parse message, of which ``length`` bytes are left: text, NUL, and a number of types.

    Two bytes say how many types of four bytes follow; the one number that fits both length and trace is right.
    """
    for types in range((length - 3) // 4 + 1):
        end = start + length - 3 - 4 * types
        if trace.startswith(b'" %d' % types, end):
            return trace[start:end]
    return trace[start : max(trace.find(b"\n", start), start)]


def _decoded(text: bytes) -> str:
    return text.decode(errors="replace")
