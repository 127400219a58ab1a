"""Rows that wait for others: the next of an order, a place under a limit, a start within a rate.

Such a row is claimed alone, just before it runs, under a lock on its keys. Whoever ends one wakes the next of its keys,
so that nothing polls. https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS (those of a
transaction: they do not pin RDS Proxy)
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from django.db import connections, transaction

from serverless.tasks.definition import Task
from serverless.tasks.exceptions import UnknownTask
from serverless.tasks.models import TaskRow
from serverless.tasks.produce import outbox
from serverless.tasks.produce.outbox import Wake
from serverless.tasks.results import resolve
from serverless.tasks.work.lease import TAKE
from serverless.tasks.work.pausing import NOT_PAUSED

# Seconds that are no wait: intervals are rounded to microseconds in the database.
MIN_WAIT: Final = 0.001
# By how much a start may come before its time, which later ones make up for: messages are delayed by whole seconds.
EARLY: Final = 2.0

_HELD: Final = f"""
SELECT * FROM tasks_taskrow
WHERE id = ANY(%(ids)s::uuid[]) AND state = 'ready' AND due_at <= statement_timestamp() AND {NOT_PAUSED}
    AND (order_key IS NOT NULL OR limit_key IS NOT NULL)
ORDER BY priority DESC, position, id
"""  # noqa: S608 - constants only

# Taken in the order in which they are given.
_LOCK: Final = """
SELECT pg_advisory_xact_lock(hashtextextended('tasks claim ' || key, 0)) FROM unnest(%s::text[]) AS key
"""

_FIRST: Final = """
NOT EXISTS (
    SELECT FROM tasks_taskrow AS other
    WHERE other.order_key = tasks_taskrow.order_key AND other.wake_at IS NOT NULL AND other.id <> tasks_taskrow.id
        AND (other.position < tasks_taskrow.position OR other.state = 'running')
)
"""

_OPEN: Final = f"""
SELECT id FROM tasks_taskrow
WHERE id = %(id)s AND state = 'ready' AND due_at <= statement_timestamp() AND {NOT_PAUSED} AND {_FIRST}
    AND (%(concurrency)s::int IS NULL OR %(concurrency)s::int > (
        SELECT count(*) FROM tasks_taskrow AS other
        WHERE other.limit_key = tasks_taskrow.limit_key AND other.wake_at IS NOT NULL AND other.state = 'running'
    ))
FOR UPDATE
"""  # noqa: S608 - constants only

# Seconds until the next start of a rate, until after the last place given away, and for which the row has been due.
_RATE: Final = """
SELECT EXTRACT(EPOCH FROM (SELECT next_at FROM tasks_ratelimit WHERE key = %(key)s) - statement_timestamp())::float8,
    EXTRACT(EPOCH FROM max(due_at) - statement_timestamp())::float8 + %(interval)s::float8,
    EXTRACT(EPOCH FROM statement_timestamp() - %(due_at)s::timestamptz)::float8
FROM tasks_taskrow
WHERE limit_key = %(key)s AND wake_at IS NOT NULL AND state = 'ready' AND admitted AND id <> %(id)s
"""

_COUNT_START: Final = """
INSERT INTO tasks_ratelimit AS taken (key, next_at)
VALUES (%(key)s, statement_timestamp() + %(interval)s::float8 * interval '1 second')
ON CONFLICT (key) DO UPDATE
SET next_at = GREATEST(taken.next_at, statement_timestamp()) + %(interval)s::float8 * interval '1 second'
"""

_POSTPONE: Final = """
UPDATE tasks_taskrow AS task
SET admitted = true, due_at = statement_timestamp() + %(wait)s::float8 * interval '1 second',
    wake_at = statement_timestamp() + %(wait)s::float8 * interval '1 second'
WHERE id = %(id)s
RETURNING task.*
"""

_TAKE: Final = f"{TAKE}, alone = false WHERE id = %(id)s RETURNING task.*"

# The first of the order, and two for the places under the limit, as far as there are so many: the one that the last end
# woke may still be on its way, and then a single one would leave a place empty. None that something else holds back.
_NEXT: Final = f"""
WITH next AS (
    SELECT id FROM tasks_taskrow WHERE id IN (
        (SELECT id FROM tasks_taskrow
        WHERE order_key = %(order)s AND wake_at IS NOT NULL AND state = 'ready' AND due_at <= statement_timestamp()
        ORDER BY position LIMIT 1)
        UNION ALL
        (SELECT id FROM tasks_taskrow
        WHERE limit_key = %(limit)s AND wake_at IS NOT NULL AND state = 'ready' AND due_at <= statement_timestamp()
            AND {NOT_PAUSED} AND {_FIRST}
        ORDER BY due_at LIMIT LEAST(2, GREATEST(0, COALESCE(%(concurrency)s::int - (
            SELECT count(*) FROM tasks_taskrow AS other
            WHERE other.limit_key = %(limit)s AND other.wake_at IS NOT NULL AND other.state = 'running'
        ), 1))))
    )
    ORDER BY id FOR UPDATE
)
UPDATE tasks_taskrow AS task SET wake_at = statement_timestamp(), sends = 0
FROM next WHERE task.id = next.id
RETURNING task.*
"""  # noqa: S608 - constants only


def held(ids: Sequence[UUID], *, database: str) -> list[TaskRow]:
    """Return the rows among ``ids`` that are due, and wait for others; in the order in which they are to run."""
    return list(TaskRow.objects.using(database).raw(_HELD, {"ids": list(ids)}))


def claim(row: TaskRow, *, seconds: float, worker: str) -> TaskRow | None:
    """Lease one row if it is its turn. One that the rate puts off is sent again for its time."""
    task = _known(row)
    with transaction.atomic(using=row.database):
        lock([row], database=row.database)
        with connections[row.database].cursor() as cursor:
            cursor.execute(_OPEN, {"id": row.pk, "concurrency": None if task is None else task.concurrency})
            if cursor.fetchone() is None:
                return None
        interval = None if task is None or row.limit_key is None else task.interval
        if interval is not None and (wait := _wait(row, interval=interval)) > MIN_WAIT:
            put_off = _only(row, _POSTPONE, {"id": row.pk, "wait": wait})
            outbox.send_on_commit([Wake.of(put_off, delay=wait)])
            return None
        taken = _only(row, _TAKE, {"id": row.pk, "seconds": seconds, "worker": worker})
        if interval is not None:
            with connections[row.database].cursor() as cursor:
                cursor.execute(_COUNT_START, {"key": row.limit_key, "interval": interval})
        return taken


def _known(row: TaskRow) -> "Task[..., Any] | None":
    try:
        return resolve(row)
    except UnknownTask:
        return None  # without limits; the worker knows what to do with it


def _wait(row: TaskRow, *, interval: float) -> float:
    """Return the seconds until the rate lets the row start.

    Who waits gets a place behind all others, and keeps it unless it comes when that has passed: after a pause, an
    outage or a wait for a place under the limit, all would start at once.
    """
    parameters = {"id": row.pk, "key": row.limit_key, "interval": interval, "due_at": row.due_at}
    with connections[row.database].cursor() as cursor:
        cursor.execute(_RATE, parameters)
        free, behind, late = (value or 0.0 for value in cursor.fetchone())
    if row.admitted and free <= EARLY:
        return 0.0
    return float(free if row.admitted and late <= max(interval, EARLY) else max(free, behind))


def _only(row: TaskRow, statement: str, parameters: dict[str, Any]) -> TaskRow:
    return next(iter(TaskRow.objects.using(row.database).raw(statement, parameters)))


def lock(rows: Iterable[TaskRow], *, database: str) -> None:
    """Hold the keys of ``rows`` until the transaction ends.

    Who claims looks whether others are done, who ends looks whether others wait: without the lock each may look before
    the other has committed, and nobody would wake the one that waits.
    """
    if keys := sorted({key for row in rows for key in (row.order_key, row.limit_key) if key is not None}):
        with connections[database].cursor() as cursor:
            cursor.execute(_LOCK, [keys])


def wake_next(row: TaskRow) -> None:
    """Wake who waited for ``row``, with the commit of the transaction that ends it."""
    lock([row], database=row.database)
    task = _known(row)
    parameters = {
        "order": row.order_key, "limit": row.limit_key, "concurrency": None if task is None else task.concurrency
    }  # fmt: skip
    woken = TaskRow.objects.using(row.database).raw(_NEXT, parameters)
    outbox.send_on_commit([Wake.of(other) for other in woken])
