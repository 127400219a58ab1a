"""Finished rows go when they are old: deleted by the tick, a thousand at a time, each batch in its own transaction."""

from collections.abc import Mapping
from datetime import timedelta

from django.db import connections, transaction
from django.tasks import task_backends
from django.tasks.backends.base import BaseTaskBackend

from serverless.tasks.models import State

# Long enough to look into a failure of last quarter, short enough for the table to stay in memory.
DEFAULT: Mapping[str, timedelta | None] = {State.DONE: timedelta(days=7), State.DEAD: timedelta(days=90)}
BATCH = 1000
# As many rows a minute as a tick can wake: the table does not grow however busy it is.
MAX_BATCHES = 10

_PRUNE = """
WITH old AS (
    SELECT id FROM tasks_taskrow
    WHERE state = %(state)s AND finished_at < statement_timestamp() - %(age)s::float8 * interval '1 second'
        AND (%(backend)s::text IS NULL OR backend = %(backend)s)
        AND (state <> 'done' OR group_id IS NULL OR NOT EXISTS (
            SELECT FROM tasks_taskgroup AS task_group
            WHERE task_group.id = tasks_taskrow.group_id AND task_group.remaining > 0 AND EXISTS (
                SELECT FROM tasks_taskrow AS member WHERE member.group_id = task_group.id AND member.state <> 'done'
            )
        ))
    ORDER BY finished_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
DELETE FROM tasks_taskrow AS task USING old WHERE task.id = old.id
"""


# A group goes after its members, whose values its end may still need.
_PRUNE_GROUPS = """
DELETE FROM tasks_taskgroup WHERE id IN (
    SELECT id FROM tasks_taskgroup AS task_group
    WHERE NOT EXISTS (SELECT FROM tasks_taskrow AS member WHERE member.group_id = task_group.id)
    LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
"""
# A key without a reserved start has the same effect as none.
_PRUNE_RATES = """
DELETE FROM tasks_ratelimit WHERE key IN (
    SELECT key FROM tasks_ratelimit WHERE next_at < statement_timestamp() - interval '1 hour'
    LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
"""


def retention(backend: BaseTaskBackend) -> dict[str, timedelta | None]:
    """Return for how long rows of ``backend`` stay once they are done or dead; None is for ever."""
    return {**DEFAULT, **backend.options.get("RETENTION", {})}


def prune_finished(database: str) -> int:
    """Delete what has outlived its backend's retention, ``MAX_BATCHES`` at most; returns how many rows."""
    deleted, left = 0, MAX_BATCHES
    for backend in task_backends.all():
        for state, age in retention(backend).items():
            full = age is not None
            while age is not None and full and left:
                count = prune(database, state=State(state), age=age, backend=backend.alias)
                deleted, left, full = deleted + count, left - 1, count == BATCH
    with connections[database].cursor() as cursor:
        for statement in (_PRUNE_GROUPS, _PRUNE_RATES):
            cursor.execute(statement, {"limit": BATCH})
    return deleted


def prune(database: str, *, state: State, age: timedelta, backend: str | None = None) -> int:
    """Delete one batch of rows that ended longer than ``age`` ago, the oldest first; return how many there were."""
    if state not in DEFAULT:
        raise ValueError(f"Only finished tasks are deleted: {' or '.join(DEFAULT)}, not {state}.")
    parameters: dict[str, str | float | None] = {
        "state": state.value,
        "age": age.total_seconds(),
        "backend": backend,
        "limit": BATCH,
    }
    with transaction.atomic(using=database), connections[database].cursor() as cursor:
        cursor.execute(_PRUNE, parameters)
        return int(cursor.rowcount)
