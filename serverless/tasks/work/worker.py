"""One claimed row: run its task, write the outcome under its lease, send the next message where it is to run again."""

import logging
import time
from contextvars import copy_context
from datetime import timedelta
from typing import Any

from django.db import connections
from django.tasks.signals import task_started

from serverless.db.shards import beside
from serverless.deadline import Deadline
from serverless.tasks.definition import Task
from serverless.tasks.exceptions import Expired, UnknownTask
from serverless.tasks.models import State, TaskRow
from serverless.tasks.results import resolve, result_of
from serverless.tasks.retries import Retries
from serverless.tasks.values import describe
from serverless.tasks.work import report
from serverless.tasks.work.attempt import Attempt
from serverless.tasks.work.lease import Outcome
from serverless.tasks.work.report import fields

logger = logging.getLogger(__name__)

# A deploy moves the worker within minutes; until then a new task's name is not the task's fault.
UNKNOWN_RETRY_AFTER = 60.0


def run(row: TaskRow, *, deadline: Deadline | None = None) -> None:
    """Run one leased row and report. Raises a database error where the outcome could not be written."""
    with beside(row.database):  # on the shard that its row lies on, as what enqueued it was
        _dispatch(row, deadline=deadline)


def _dispatch(row: TaskRow, *, deadline: Deadline | None) -> None:
    try:
        task = resolve(row)
    except UnknownTask as error:
        _unknown(row, error)
        return
    if row.attempts >= task.max_attempts:  # spent by crashes; the claim has counted the last one
        _report(row, Outcome(state=State.DEAD, attempts=row.attempts, errors=row.errors), task=task)
    elif _is_late(row):
        errors = [*row.errors, describe(Expired(Expired.__doc__))]
        _report(row, Outcome(state=State.DEAD, attempts=row.attempts, errors=errors, started=False), task=task)
    else:
        _run(row, task, deadline=deadline)


def _run(row: TaskRow, task: "Task[..., Any]", *, deadline: Deadline | None) -> None:
    result = result_of(row, task)
    # Robust: a receiver's error is logged by Django; it does not fail the task.
    task_started.send_robust(sender=type(task.get_backend()), task_result=result)
    began = time.perf_counter()
    # In a context of its own: the language or time zone that it activates is not the next task's.
    after = copy_context().run(Attempt(row, task, deadline=deadline).run, result)
    if after is None:
        _log_lost(row)
        return
    report.announce(after, task=task)
    seconds = round(time.perf_counter() - began, 3)
    logger.info("task ran", extra=fields(row) | {"state": after.state, "seconds": seconds})


def _is_late(row: TaskRow) -> bool:
    """Tell whether the task is of no use any more, on the database's clock. Raises a database error."""
    if row.expires_at is None or row.last_attempted_at is None:
        return False
    waited = 0.0 if row.claimed is None else time.monotonic() - row.claimed
    if row.expires_at >= row.last_attempted_at + timedelta(seconds=waited):
        return False
    # The wait may have been for a connection, before the claim reached the database: only there it is known.
    with connections[row.database].cursor() as cursor:
        cursor.execute("SELECT %s < statement_timestamp()", [row.expires_at])
        return bool(cursor.fetchone()[0])


def _unknown(row: TaskRow, error: UnknownTask) -> None:
    if report.forgives(row):
        outcome = Outcome(
            state=State.READY, attempts=row.attempts, errors=row.errors, delay=UNKNOWN_RETRY_AFTER, started=False
        )
    else:
        outcome = report.failed(row, error, retries=Retries(), started=False)
    logger.warning("task is unknown to this release", extra=fields(row) | {"state": outcome.state.value})
    _report(row, outcome, task=None)


def _report(row: TaskRow, outcome: Outcome, *, task: "Task[..., Any] | None") -> None:
    after = report.write_patiently(row, outcome)
    if after is None:
        _log_lost(row)
    else:
        report.announce(after, task=task)


def _log_lost(row: TaskRow) -> None:
    logger.warning("lease lost, outcome not written", extra=fields(row))
