"""Who may run a row, and until when. Each statement is atomic, fenced by the lease counter and on the database's clock.

Rows are locked in the order of their ids, so that two workers with the same messages wait instead of deadlocking.
A locked row is waited for: skipping one that a sender just confirms would lose the message that came for it.
"""

import json
import time
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connections

from serverless.tasks.models import State, TaskRow
from serverless.tasks.produce.insert import SEND_AHEAD
from serverless.tasks.work.pausing import NOT_PAUSED

TAKE = """
UPDATE tasks_taskrow AS task
SET state = 'running', lease = task.lease + 1, sends = 0, again = false, admitted = false,
    due_at = statement_timestamp() + %(seconds)s::float8 * interval '1 second',
    wake_at = statement_timestamp() + %(seconds)s::float8 * interval '1 second',
    started_at = COALESCE(task.started_at, statement_timestamp()), last_attempted_at = statement_timestamp(),
    worker_ids = task.worker_ids || to_jsonb(%(worker)s::text)
"""

# What a row was replaced by while it ran starts afresh, whatever became of the run.
_AFRESH = """
SET state = 'ready', again = false, attempts = 0, errors = '[]', worker_ids = '[]', started_at = NULL,
    due_at = GREATEST(statement_timestamp(), run_after),
    wake_at = GREATEST(statement_timestamp(), run_after - %(ahead)s::interval)
"""

_CLAIM = f"""
WITH due AS (
    SELECT id FROM tasks_taskrow
    WHERE id = ANY(%(ids)s::uuid[]) AND state = 'ready' AND due_at <= statement_timestamp()
        AND order_key IS NULL AND limit_key IS NULL AND {NOT_PAUSED}
    ORDER BY id FOR UPDATE
)
{TAKE}, alone = false
FROM due WHERE task.id = due.id
RETURNING task.*
"""  # noqa: S608 - constants only

# One that was replaced by a later start before its lease ended owes nothing any more to the run that was lost.
_SUSPECTS = f"""
WITH replaced AS (
    SELECT id FROM tasks_taskrow
    WHERE id = ANY(%(ids)s::uuid[]) AND state = 'running' AND due_at <= statement_timestamp() AND again
        AND run_after > statement_timestamp()
    ORDER BY id FOR UPDATE
), later AS (
    UPDATE tasks_taskrow AS task {_AFRESH}
    FROM replaced WHERE task.id = replaced.id
)
SELECT * FROM tasks_taskrow
WHERE id = ANY(%(ids)s::uuid[]) AND state = 'running' AND due_at <= statement_timestamp() AND {NOT_PAUSED}
    AND (NOT again OR run_after IS NULL OR run_after <= statement_timestamp())
ORDER BY due_at, id
"""  # noqa: S608 - constants only

_CLAIM_SUSPECT = f"""
WITH due AS (
    SELECT id FROM tasks_taskrow
    WHERE id = %(id)s AND lease = %(lease)s AND state = 'running' AND due_at <= statement_timestamp()
        AND {NOT_PAUSED}
    FOR UPDATE
)
{TAKE}, alone = true, attempts = task.attempts + task.alone::int,
    errors = CASE WHEN task.alone THEN task.errors || %(error)s::jsonb ELSE task.errors END
FROM due WHERE task.id = due.id
RETURNING task.*
"""  # noqa: S608 - constants only

_REPORT = """
UPDATE tasks_taskrow AS task
SET state = %(state)s, attempts = %(attempts)s, errors = %(errors)s::jsonb, return_value = %(value)s::jsonb,
    finished_at = CASE WHEN %(delay)s::float8 IS NULL THEN statement_timestamp() END,
    due_at = statement_timestamp() + %(delay)s::float8 * interval '1 second',
    wake_at = statement_timestamp() + %(delay)s::float8 * interval '1 second',
    worker_ids = CASE WHEN %(started)s THEN task.worker_ids ELSE task.worker_ids - -1 END
WHERE task.id = %(id)s AND task.lease = %(lease)s AND task.state = 'running' AND NOT task.again
RETURNING task.finished_at, task.due_at, task.wake_at, task.admitted,
    COALESCE(EXTRACT(EPOCH FROM task.due_at - statement_timestamp()), 0)::float8 AS due_in
"""

_REPORT_REPLACED = f"""
UPDATE tasks_taskrow AS task {_AFRESH}
WHERE task.id = %(id)s AND task.lease = %(lease)s AND task.state = 'running' AND task.again
RETURNING task.*, EXTRACT(EPOCH FROM task.due_at - statement_timestamp())::float8 AS due_in
"""

# One that was replaced meanwhile has the start of what replaced it.
_RELEASE = """
WITH mine AS (
    SELECT task.id FROM tasks_taskrow AS task
    JOIN unnest(%(ids)s::uuid[], %(leases)s::int[]) AS given (id, lease)
        ON task.id = given.id AND task.lease = given.lease
    WHERE task.state = 'running'
    ORDER BY task.id FOR UPDATE OF task
)
UPDATE tasks_taskrow AS task
SET state = 'ready', due_at = GREATEST(statement_timestamp(), task.run_after), wake_at = statement_timestamp(),
    worker_ids = task.worker_ids - -1
FROM mine WHERE task.id = mine.id
RETURNING task.*, EXTRACT(EPOCH FROM task.due_at - statement_timestamp())::float8 AS due_in
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a worker reports. ``delay``: seconds until the row may be claimed again, None once it is finished.

    ``started`` is False where the task itself was never called.
    """

    state: State
    attempts: int
    errors: list[dict[str, str]] = field(default_factory=list)
    value: Any = None
    delay: float | None = None
    started: bool = True


def claim(ids: Sequence[UUID], *, database: str, seconds: float, worker: str) -> list[TaskRow]:
    """Lease the rows among ``ids`` that are ready and due, highest priority first. Suspects are not among them."""
    began = time.monotonic()
    rows = list(TaskRow.objects.using(database).raw(_CLAIM, {"ids": list(ids), "seconds": seconds, "worker": worker}))
    for row in rows:
        row.claimed = began
    return sorted(rows, key=lambda row: (-row.priority, row.id))


def suspects(ids: Sequence[UUID], *, database: str) -> list[TaskRow]:
    """Return the rows among ``ids`` whose lease ended without a report, the longest waiting first."""
    return list(TaskRow.objects.using(database).raw(_SUSPECTS, {"ids": list(ids), "ahead": SEND_AHEAD}))


def claim_suspect(row: TaskRow, *, seconds: float, worker: str, error: dict[str, str]) -> TaskRow | None:
    """Lease one suspect for a run of its own; None where another worker was faster.

    Where the lease that ended was such a lone one, the crash was the task's own: an attempt with ``error``.
    """
    parameters = {
        "id": row.pk, "lease": row.lease, "seconds": seconds, "worker": worker, "error": json.dumps([error])
    }  # fmt: skip
    return next(iter(TaskRow.objects.using(row.database).raw(_CLAIM_SUSPECT, parameters)), None)


def report(row: TaskRow, outcome: Outcome) -> TaskRow | None:
    """Write an outcome and return the row as it is now; None where the lease is not this one's any more.

    A row that was replaced while it ran is ready again instead.
    """
    parameters: dict[str, Any] = {
        "id": row.pk,
        "lease": row.lease,
        "state": outcome.state.value,
        "attempts": outcome.attempts,
        "errors": json.dumps(outcome.errors),
        "value": json.dumps(outcome.value),
        "delay": outcome.delay,
        "started": outcome.started,
    }
    with connections[row.database].cursor() as cursor:
        cursor.execute(_REPORT, parameters)
        written = cursor.fetchone()
    if written is not None:
        return _after(row, outcome, written)
    if row.unique_key is None:
        return None
    rows = TaskRow.objects.using(row.database)
    parameters = {"id": row.pk, "lease": row.lease, "ahead": SEND_AHEAD}
    return next(iter(rows.raw(_REPORT_REPLACED, parameters)), None)


def _after(row: TaskRow, outcome: Outcome, written: Sequence[Any]) -> TaskRow:
    """Return the row after its report: to read all of it back costs more than the statement itself."""
    after = copy(row)
    after.state, after.attempts, after.errors = outcome.state, outcome.attempts, outcome.errors
    after.return_value = outcome.value
    after.finished_at, after.due_at, after.wake_at, after.admitted, after.due_in = written
    if not outcome.started:
        after.worker_ids = row.worker_ids[:-1]
    return after


def reported(row: TaskRow) -> TaskRow | None:
    """Return the row if this lease's report was written, though its reply may have been lost.

    A row that left its lease without another claim left it by its report.
    """
    return TaskRow.objects.using(row.database).filter(pk=row.pk, lease=row.lease).exclude(state=State.RUNNING).first()


def release(rows: Sequence[TaskRow], *, database: str) -> list[TaskRow]:
    """Give back leases of rows that were not started, and return those that were still ours."""
    parameters = {"ids": [row.pk for row in rows], "leases": [row.lease for row in rows]}
    return list(TaskRow.objects.using(database).raw(_RELEASE, parameters))
