"""Connections whose statements are looked at as libpq sends them.

It doubles the CPU of a small statement and of reading rows (libpq writes down what comes back, too): for tests, and for
one in so many invocations. What is written down stays in memory that has no name.
"""

import fcntl
import os
import sys
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db.backends.base.base import BaseDatabaseWrapper

from serverless.db.pinning import registry
from serverless.db.pinning.lines import responsible
from serverless.db.pinning.rules import RULES, Rule, broken
from serverless.db.pinning.trace import sent

if TYPE_CHECKING:
    import psycopg

__all__ = ["Listener", "Pin", "Unwatchable", "available", "listening", "watch"]

_SHOWN = 160
# Bytes: of one read, and of what has been read and still lies there.
_PART = 1 << 16
_KEPT = 1 << 20


class Unwatchable(Exception):
    """libpq keeps no account of what it sends here: it takes Linux, and libpq 14 or later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A statement that pins: which rule it breaks and where it came from. ``text`` may hold somebody's data."""

    rule: Rule
    line: str
    alias: str = ""
    text: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"{self.line}: {self.rule.because} ({self.rule.id}). Instead: {self.rule.remedy}."


type Listener = Callable[[Pin], None]
_listeners: list[Listener] = []
_watches: weakref.WeakKeyDictionary[Any, Callable[[], None]] = weakref.WeakKeyDictionary()


class _Tape:
    """What libpq has written, in memory without a name, read once and then cut off now and then."""

    def __init__(self) -> None:
        self.file = os.memfd_create("pinning")
        fcntl.fcntl(self.file, fcntl.F_SETFL, os.O_APPEND)  # so that it begins anew once it has been cut off
        self._read = 0

    def read(self) -> bytes:
        """Return what has come since. One system call for most statements, each is 1-5 us."""
        parts = []
        while len(part := os.pread(self.file, _PART, self._read)) == _PART:
            parts.append(part)
            self._read += _PART
        self._read += len(part)
        if self._read > _KEPT:
            os.ftruncate(self.file, 0)
            self._read = 0
        return b"".join([*parts, part])


def available() -> bool:
    """Whether connections can be watched here."""
    from psycopg import pq

    return sys.platform == "linux" and pq.version() >= 140_000


def watch(connection: "psycopg.Connection[Any]", listener: Listener, *, alias: str = "") -> Callable[[], None]:
    """Have ``listener`` called for each statement that pins; return what ends that. Raises Unwatchable.

    Looks whenever psycopg has waited for the server, with the caller still on the stack. A file of libpq's, 5 kB, is
    not given back: psycopg cannot close it.
    """
    from psycopg import pq

    if not available():
        raise Unwatchable(Unwatchable.__doc__)
    tape = _Tape()
    connection.pgconn.trace(tape.file)
    connection.pgconn.set_trace_flags(pq.Trace.SUPPRESS_TIMESTAMPS)
    # Not of the connection itself: a reference to itself would keep it after its last user.
    wait = partial(type(connection).wait, weakref.proxy(connection))

    def look() -> None:
        for rule, text in _findings(tape.read()):
            if (line := responsible()) is not None:
                listener(Pin(rule=rule, line=line, alias=alias, text=text[:_SHOWN]))

    def watched(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        try:
            return wait(*args, **kwargs)
        finally:
            look()

    connection.wait = watched  # type: ignore[method-assign]
    # Strong on pgconn: it writes once more as it goes, and the number of a closed file may be another's by then.
    end = weakref.finalize(connection, _end, connection.pgconn, tape.file)

    return partial(_stop, weakref.ref(connection), end)


def _stop(connection: Callable[[], Any], end: Callable[[], object]) -> None:
    if (watched := connection()) is not None:
        watched.__dict__.pop("wait", None)
    end()  # does nothing the second time


def _end(pgconn: Any, file: int) -> None:
    pgconn.untrace()
    os.close(file)


def _findings(trace: bytes) -> Iterator[tuple[Rule, str]]:
    for statement in sent(trace):
        if statement.name:
            yield RULES["prepared"], statement.text
        for rule in broken(statement.text):
            yield rule, statement.text


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Watch every connection that Django has opened, or opens within the block. Raises Unwatchable."""
    if not available():
        raise Unwatchable(Unwatchable.__doc__)
    _listeners.append(listener)
    if len(_listeners) == 1:
        registry.tell_me(_opened)
        for wrapper in registry.wrappers():
            _watch(wrapper)
    try:
        yield
    finally:
        _listeners.remove(listener)
        if not _listeners:
            registry.tell_me_no_more(_opened)
            for stop in list(_watches.values()):
                stop()
            _watches.clear()


def _opened(wrapper: BaseDatabaseWrapper, connection: Any) -> None:
    if connection not in _watches:  # a pool hands out the same ones again
        _watches[connection] = watch(connection, _tell, alias=wrapper.alias)
        if any(option.keyword == b"options" and option.val for option in connection.pgconn.info):
            _tell(Pin(rule=RULES["options"], line=f"DATABASES[{wrapper.alias!r}]", alias=wrapper.alias))


def _watch(wrapper: BaseDatabaseWrapper) -> None:
    connection = wrapper.connection
    if connection is not None and not connection.closed:
        _watches[connection] = watch(connection, _tell, alias=wrapper.alias)


def _tell(pin: Pin) -> None:
    for listener in _listeners:
        listener(pin)
