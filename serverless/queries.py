"""How many statements this process has sent to its databases, and over how many connections."""

from collections.abc import Callable
from typing import Any
from weakref import WeakSet

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

__all__ = ["count_statements", "kept", "opened", "sent"]

_sent = 0
_opened = 0
# Of every thread: ASGI runs views on another one than that which counts. One that is given up is forgotten.
_known: WeakSet[BaseDatabaseWrapper] = WeakSet()


def sent() -> int:
    """Return the count since the process began. Events come one at a time, so that differences are an event's."""
    return _sent


def opened() -> int:
    """Return how many connections were opened since the process began."""
    return _opened


def kept() -> int:
    """Return how many connections are open."""
    return sum(connection.connection is not None for connection in _known)


def count_statements() -> None:
    """Begin to count, on the connections there are and on every new one."""
    connection_created.connect(_note)
    for connection in connections.all(initialized_only=True):
        _watch(connection)


def _note(*, connection: BaseDatabaseWrapper, **_: object) -> None:
    global _opened  # noqa: PLW0603 - a counter of the process is what this is
    _opened += 1
    _watch(connection)


def _watch(connection: BaseDatabaseWrapper) -> None:
    _known.add(connection)
    if _count not in connection.execute_wrappers:
        connection.execute_wrappers.append(_count)


def _count(execute: Callable[..., Any], sql: str, params: object, many: bool, context: dict[str, Any]) -> Any:
    global _sent  # noqa: PLW0603 - a counter of the process is what this is
    _sent += 1
    return execute(sql, params, many, context)
