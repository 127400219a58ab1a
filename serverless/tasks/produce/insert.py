"""The one INSERT: rows of a task in the caller's transaction, with the times of the database.

One statement for many rows, with one array a column: 100 rows are as long a statement as one, and under the 16 KB from
which RDS Proxy pins (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-pinning.html).
"""

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import batched
from typing import Any, Final
from uuid import UUID

from django.db import connections, transaction

from serverless.ids import uuid7
from serverless.tasks.definition import Keys
from serverless.tasks.models import TaskRow

# A commit sends within a second or two; what is unsent after this long is the tick's.
SEND_WITHIN: Final = timedelta(seconds=60)
# A start further away than SQS can delay (15 minutes) is sent by the tick this long before; SQS keeps it to the second.
SEND_AHEAD: Final = timedelta(minutes=10)
# Rows in a statement. Its cost a row is flat from here on.
CHUNK: Final = 500

_INSERT: Final = """
INSERT INTO tasks_taskrow AS task (
    id, path, backend, queue, priority, args, kwargs, run_after, expires_at, unique_key, order_key, position, limit_key,
    chain, group_id, enqueued_at, due_at, wake_at
)
SELECT given.id, %(path)s, %(backend)s, %(queue)s, %(priority)s, given.args::jsonb, given.kwargs::jsonb,
    times.run_after,
    GREATEST(statement_timestamp(), times.run_after) + %(expires)s::interval,
    given.unique_key, given.order_key, {position}, given.limit_key, %(chain)s::jsonb, %(group)s::uuid,
    statement_timestamp(), GREATEST(statement_timestamp(), times.run_after),
    GREATEST(statement_timestamp() + %(within)s::interval, times.run_after - %(ahead)s::interval)
FROM (SELECT %(run_after)s::timestamptz AS run_after) AS times, {given} (
    id, args, kwargs, unique_key, order_key, limit_key, number
)
"""
# For one row PostgreSQL plans the second of each in half the time: 240 us against 470.
_POSITIONS: Final = """
given.number + CASE WHEN given.order_key IS NOT NULL THEN COALESCE(
    (SELECT max(position) FROM tasks_taskrow AS other
    WHERE other.order_key = given.order_key AND other.wake_at IS NOT NULL), 0) END
"""
_NO_POSITION: Final = "NULL::int"
_MANY: Final = """
unnest(%(id)s::uuid[], %(args)s::text[], %(kwargs)s::text[], %(unique)s::text[], %(order)s::text[], %(limit)s::text[])
WITH ORDINALITY AS given
"""
_ONE: Final = """
(VALUES (%(id)s::uuid, %(args)s::text, %(kwargs)s::text, %(unique)s::text, %(order)s::text, %(limit)s::text, 1))
AS given
"""

_DROP: Final = "ON CONFLICT (unique_key) WHERE wake_at IS NOT NULL AND unique_key IS NOT NULL DO NOTHING"
# A row that runs keeps its lease; its worker's report makes it ready again.
_REPLACE: Final = """
ON CONFLICT (unique_key) WHERE wake_at IS NOT NULL AND unique_key IS NOT NULL DO UPDATE
SET args = excluded.args, kwargs = excluded.kwargs, priority = excluded.priority, run_after = excluded.run_after,
    expires_at = excluded.expires_at, again = task.state = 'running', sends = 0, admitted = false,
    attempts = CASE task.state WHEN 'running' THEN task.attempts ELSE 0 END,
    errors = CASE task.state WHEN 'running' THEN task.errors ELSE '[]' END,
    worker_ids = CASE task.state WHEN 'running' THEN task.worker_ids ELSE '[]' END,
    due_at = CASE task.state WHEN 'running' THEN task.due_at ELSE excluded.due_at END,
    wake_at = CASE task.state WHEN 'running' THEN task.wake_at ELSE excluded.wake_at END
"""
_RETURNING: Final = """
RETURNING task.*, EXTRACT(EPOCH FROM task.due_at - statement_timestamp())::float8 AS due_in
"""
_RETURNING_TIMES: Final = """
RETURNING task.id, task.enqueued_at, task.due_at, task.wake_at, task.expires_at, task.position,
    EXTRACT(EPOCH FROM task.due_at - statement_timestamp())::float8 AS due_in
"""
_UNFINISHED: Final = """
SELECT *, EXTRACT(EPOCH FROM due_at - statement_timestamp())::float8 AS due_in
FROM tasks_taskrow WHERE unique_key = ANY(%(keys)s::text[]) AND wake_at IS NOT NULL
"""
# Taken in the order in which they are given.
_LOCK: Final = """
SELECT pg_advisory_xact_lock(hashtextextended('tasks order ' || key, 0)) FROM unnest(%s::text[]) AS key
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """What the rows of one call have in common."""

    path: str
    backend: str
    queue: str
    priority: int
    run_after: datetime | None = None
    expires: timedelta | None = None
    unique: str | None = None
    chain: list[Any] | None = None
    group: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One row: arguments that are storable, and keys."""

    args: list[Any]
    kwargs: dict[str, Any]
    keys: Keys


def insert(columns: Columns, calls: Sequence[Call], *, using: str) -> list[TaskRow]:
    """Store a row for each call, all or none, and return the rows in the order of the calls.

    The tick sends what nobody else does. A call whose ``unique`` key is taken gets the row that has it. Where rows are
    ordered, the caller's transaction holds the key until its end: the order is that of the commits.
    """
    keys = sorted({call.keys.order for call in calls if call.keys.order is not None})
    whole: AbstractContextManager[Any] = nullcontext()
    if keys or len(calls) > CHUNK or (columns.unique and len(calls) > 1):
        whole = transaction.atomic(using=using)
    rows: list[TaskRow] = []
    with whole:
        if keys:
            with connections[using].cursor() as cursor:
                cursor.execute(_LOCK, [keys])
        for chunk in batched(calls, CHUNK):
            rows += _insert_unique(columns, chunk, using) if columns.unique else _insert(columns, chunk, using, "")
    return rows


def _insert(columns: Columns, calls: Sequence[Call], using: str, conflict: str) -> list[TaskRow]:
    ids = [uuid7() for _ in calls]
    given: dict[str, list[Any]] = {
        "id": ids,
        "args": [json.dumps(call.args) for call in calls],
        "kwargs": [json.dumps(call.kwargs) for call in calls],
        "unique": [call.keys.unique for call in calls],
        "order": [call.keys.order for call in calls],
        "limit": [call.keys.limit for call in calls],
    }
    statement = _INSERT.format(
        position=_POSITIONS if any(given["order"]) else _NO_POSITION, given=_ONE if len(calls) == 1 else _MANY
    )
    parameters: dict[str, Any] = {
        "path": columns.path,
        "backend": columns.backend,
        "queue": columns.queue,
        "priority": columns.priority,
        "run_after": columns.run_after,
        "expires": columns.expires,
        "chain": None if columns.chain is None else json.dumps(columns.chain),
        "group": columns.group,
        "within": SEND_WITHIN,
        "ahead": SEND_AHEAD,
    } | ({name: values[0] for name, values in given.items()} if len(calls) == 1 else given)
    if conflict:
        rows = TaskRow.objects.using(using).raw(f"{statement}{conflict}{_RETURNING}", parameters)
        return sorted(rows, key=lambda row: row.pk)
    with connections[using].cursor() as cursor:
        cursor.execute(f"{statement}{_RETURNING_TIMES}", parameters)
        times = {read[0]: read[1:] for read in cursor.fetchall()}
    return [_row(columns, call, using, id=key, times=times[key]) for key, call in zip(ids, calls, strict=True)]


def _row(columns: Columns, call: Call, using: str, *, id: UUID, times: Sequence[Any]) -> TaskRow:  # noqa: A002
    """Return a new row as it was stored. What the statement was given or the model says need not be read back."""
    enqueued_at, due_at, wake_at, expires_at, position, due_in = times
    known: dict[str, Any] = {
        "id": id, "path": columns.path, "backend": columns.backend, "queue": columns.queue,
        "priority": columns.priority, "args": call.args, "kwargs": call.kwargs, "run_after": columns.run_after,
        "expires_at": expires_at, "unique_key": call.keys.unique, "order_key": call.keys.order, "position": position,
        "limit_key": call.keys.limit, "chain": columns.chain, "group_id": columns.group, "enqueued_at": enqueued_at,
        "due_at": due_at, "wake_at": wake_at, "errors": [], "worker_ids": [],
    }  # fmt: skip
    defaults = _defaults()
    row = TaskRow.from_db(using, list(defaults), list((defaults | known).values()))
    row.due_in = due_in
    return row


@cache
def _defaults() -> dict[str, Any]:
    """Return what the columns hold that no INSERT names, by the names of all columns in the model's order."""
    fields = TaskRow._meta.concrete_fields  # noqa: SLF001 - documented
    return {field.attname: field.db_default if field.has_db_default() else None for field in fields}


def _insert_unique(columns: Columns, calls: Sequence[Call], using: str) -> list[TaskRow]:
    """Insert one row a key, and each call without one; a statement may not meet the same row twice."""
    conflict = _DROP if columns.unique == "drop" else _REPLACE
    # The first of a key stays where later ones are dropped; the last where they replace.
    chosen: dict[str, Call] = {}
    for call in calls:
        if call.keys.unique is not None and (columns.unique == "replace" or call.keys.unique not in chosen):
            chosen[call.keys.unique] = call
    wanted = [call for call in calls if chosen.get(call.keys.unique or "", call) is call]
    if all(call.keys.order is None for call in calls):
        # In one order, so that two who enqueue the same keys wait for each other instead of deadlocking.
        wanted.sort(key=lambda call: call.keys.unique or "")
    by_key: dict[str, TaskRow] = {}
    free: list[TaskRow] = []
    while wanted:
        rows = _insert(columns, wanted, using, conflict)
        free += [row for row in rows if row.unique_key is None]
        by_key |= {row.unique_key: row for row in rows if row.unique_key is not None}
        missing = [key for key in chosen if key not in by_key]
        # What was in the way may have finished since: then the next round inserts.
        by_key |= {str(row.unique_key): row for row in _unfinished(missing, using)} if missing else {}
        wanted = [chosen[key] for key in missing if key not in by_key]
    given = iter(free)
    return [next(given) if call.keys.unique is None else by_key[call.keys.unique] for call in calls]


def _unfinished(keys: Sequence[str], using: str) -> list[TaskRow]:
    return list(TaskRow.objects.using(using).raw(_UNFINISHED, {"keys": list(keys)}))
