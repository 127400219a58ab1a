"""PostgreSQL's wire protocol, as far as a proxy must read it: https://www.postgresql.org/docs/18/protocol-message-formats.html"""

import re
import struct
from collections.abc import Iterator

# What a message of the functions' begins, by the statement in it; the first that fits.
_STEPS = (
    ("claim alone", re.compile(rb"UPDATE tasks_taskrow AS task\s+SET state = 'running'.*alone = true", re.DOTALL)),
    ("claim", re.compile(rb"UPDATE tasks_taskrow AS task\s+SET state = 'running'")),
    ("release", re.compile(rb"UPDATE tasks_taskrow AS task\s+SET state = 'ready'")),
    ("report", re.compile(rb"UPDATE tasks_taskrow AS task\s+SET state = \$?")),
    ("confirm", re.compile(rb"UPDATE tasks_taskrow AS task\s+SET sends")),
    ("enqueue", re.compile(rb'INSERT INTO "?tasks_taskrow')),
    ("effect", re.compile(rb"INSERT INTO effects")),
    ("read", re.compile(rb"SELECT count\(\*\) FROM notes")),
    ("write", re.compile(rb"INSERT INTO notes")),
    ("commit", re.compile(rb"COMMIT")),
)
_STATEMENTS = frozenset(b"QP")  # Query and Parse carry text


def step_of(kind: int, body: bytes) -> str | None:
    """Which step of a task's life a message of the client begins, if any."""
    if kind not in _STATEMENTS:
        return None
    return next((name for name, pattern in _STEPS if pattern.search(body)), None)


class Frames:
    """Cuts a stream into messages: ``(type, whole message)``."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> Iterator[tuple[int, bytes]]:
        data = self._rest + chunk
        start = 0
        while len(data) - start >= 5:
            end = start + 1 + struct.unpack_from("!I", data, start + 1)[0]
            if end > len(data):
                break
            yield data[start], data[start:end]
            start = end
        self._rest = data[start:]


def parameters(startup: bytes) -> dict[str, str]:
    """What a startup message says: user, database, application_name."""
    parts = startup[8:].rstrip(b"\0").split(b"\0")
    return {key.decode(): value.decode() for key, value in zip(parts[::2], parts[1::2], strict=False)}


def error(code: str, text: str, *, severity: str = "ERROR") -> bytes:
    """An ErrorResponse."""
    fields = b"".join(
        name + value.encode() + b"\0"
        for name, value in ((b"S", severity), (b"V", severity), (b"C", code), (b"M", text))
    )
    return b"E" + struct.pack("!I", 4 + len(fields) + 1) + fields + b"\0"


def ready(status: bytes) -> bytes:
    """A ReadyForQuery; ``status``: I idle, T in a transaction, E in one that failed."""
    return b"Z" + struct.pack("!I", 5) + status
