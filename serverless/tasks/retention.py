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
    ORDER BY finished_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
DELETE FROM tasks_taskrow AS task USING old WHERE task.id = old.id
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
