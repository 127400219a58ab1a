"""What is seen of statements as they are executed: that something was written, and that a replica is gone."""

import re
from collections.abc import Callable
from typing import Any

from django.db import InterfaceError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from serverless.db.replicas.aliases import primary_of, replicas_of
from serverless.db.replicas.choice import lose
from serverless.db.replicas.visit import current, note_write

__all__ = ["is_write", "watch"]

_FIRST_WORD = re.compile(r"[\s(]*([a-z]+)", re.IGNORECASE)
_READS = frozenset(
    {"DECLARE", "EXPLAIN", "FETCH", "RELEASE", "ROLLBACK", "SAVEPOINT", "SELECT", "SET", "SHOW", "VALUES"}
)
_WRITES_WITHIN = re.compile(r"\b(INSERT|UPDATE|DELETE|MERGE)\b", re.IGNORECASE)
# https://www.postgresql.org/docs/18/errcodes-appendix.html
_STATEMENT_TIMEOUT = "57014"
_CONFLICT_WITH_REPLAY = "40001"

type _Execute = Callable[..., Any]


def watch() -> None:
    """Begin, on the connections there are and on every new one."""
    connection_created.connect(_watch)
    for connection in connections.all(initialized_only=True):
        _watch(connection=connection)


def is_write(statement: object) -> bool:
    """Whether a statement may change rows. What is not understood counts as a write: reads are then the primary's."""
    found = _FIRST_WORD.match(statement) if isinstance(statement, str) else None
    if found is None or not isinstance(statement, str):
        return True
    word = found[1].upper()
    return word not in _READS and (word != "WITH" or _WRITES_WITHIN.search(statement) is not None)


def _watch(*, connection: BaseDatabaseWrapper, **_: object) -> None:
    wrapper = _fall_back if primary_of(connection.alias) != connection.alias else None
    if wrapper is None and replicas_of(connection.alias):
        wrapper = _note
    if wrapper is not None and wrapper not in connection.execute_wrappers:
        # The innermost: what else wraps statements sees one, wherever it was run.
        connection.execute_wrappers.append(wrapper)


def _note(execute: _Execute, sql: object, params: object, many: bool, context: dict[str, Any]) -> Any:
    if is_write(sql):
        note_write()  # before: the reply of one that succeeds may be what is lost
    return execute(sql, params, many, context)


def _fall_back(execute: _Execute, sql: object, params: object, many: bool, context: dict[str, Any]) -> Any:
    """Run a read whose replica is lost, or cancels it because replay needs the rows gone, once more on the primary.

    Nobody has seen a row of it yet. Within a transaction on the replica there may have been others before it.
    """
    replica: BaseDatabaseWrapper = context["connection"]
    try:
        return execute(sql, params, many, context)
    except (OperationalError, InterfaceError) as error:
        code = getattr(error.__cause__, "sqlstate", None)
        if replica.in_atomic_block or is_write(sql) or code == _STATEMENT_TIMEOUT:
            raise
        primary = primary_of(replica.alias)
        if code != _CONFLICT_WITH_REPLAY:
            lose(replica.alias, error)
        if (under_way := current()) is not None:
            under_way.chosen[primary] = None
        # Whoever called holds this wrapper of a cursor, and fetches from it.
        context["cursor"].cursor = connections[primary].cursor()
        return context["cursor"].cursor.execute(sql, params)
