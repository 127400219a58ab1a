"""Take a task back before it runs: it is dead at once, with an error that says who did it."""

import json
from collections.abc import Sequence
from functools import partial
from uuid import UUID

from django.db import transaction
from django.tasks.signals import task_finished

from serverless.db.shards import beside
from serverless.tasks.exceptions import CANCELLED, Cancelled, UnknownTask
from serverless.tasks.models import TaskRow
from serverless.tasks.results import resolve, result_of
from serverless.tasks.values import describe
from serverless.tasks.work import gates

# A lease that ended without a report is nobody's: a task that kills its workers must be stoppable.
_CANCEL = """
WITH idle AS (
    SELECT id FROM tasks_taskrow
    WHERE id = ANY(%(ids)s::uuid[])
        AND (state = 'ready' OR (state = 'running' AND due_at <= statement_timestamp()))
    ORDER BY id FOR UPDATE
)
UPDATE tasks_taskrow AS task
SET state = 'dead', due_at = NULL, wake_at = NULL, finished_at = statement_timestamp(),
    errors = task.errors || %(error)s::jsonb
FROM idle WHERE task.id = idle.id
RETURNING task.*
"""


def cancel(ids: Sequence[UUID], *, database: str, by: str) -> list[TaskRow]:
    """Make the rows among ``ids`` dead that no worker holds, and return them; ``task_finished`` is sent for each.

    One statement, fenced by the state: a faster worker runs its task, a slower one finds nothing to claim.
    """
    error = describe(Cancelled(f"Cancelled by {by}."))
    with transaction.atomic(using=database):
        waiting = TaskRow.objects.using(database).filter(pk__in=list(ids))
        # Before their rows, as who claims does.
        gates.lock(waiting.only("order_key", "limit_key"), database=database)
        parameters = {"ids": list(ids), "error": json.dumps([error])}
        rows = list(TaskRow.objects.using(database).raw(_CANCEL, parameters))
        for row in rows:
            if row.is_gated:
                gates.wake_next(row)
        transaction.on_commit(partial(_tell, rows), using=database, robust=True)
    return rows


def is_cancelled(row: TaskRow) -> bool:
    """Tell whether a dead row was cancelled rather than spent."""
    return bool(row.errors) and row.errors[-1]["exception_class_path"] == CANCELLED


def _tell(rows: Sequence[TaskRow]) -> None:
    for row in rows:
        try:
            task = resolve(row)
        except UnknownTask:
            continue
        with beside(row.database):
            task_finished.send_robust(sender=type(task.get_backend()), task_result=result_of(row, task))
