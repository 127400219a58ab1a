"""How many statements this process has sent to its databases."""

from collections.abc import Callable
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

__all__ = ["count_statements", "sent"]

_sent = 0


def sent() -> int:
    """Return the count since the process began. Events come one at a time, so that differences are an event's."""
    return _sent


def count_statements() -> None:
    """Begin to count, on the connections there are and on every new one."""
    connection_created.connect(_watch)
    for connection in connections.all(initialized_only=True):
        _watch(connection=connection)


def _watch(*, connection: BaseDatabaseWrapper, **_: object) -> None:
    if _count not in connection.execute_wrappers:
        connection.execute_wrappers.append(_count)


def _count(execute: Callable[..., Any], sql: str, params: object, many: bool, context: dict[str, Any]) -> Any:
    global _sent  # noqa: PLW0603 - a counter of the process is what this is
    _sent += 1
    return execute(sql, params, many, context)
