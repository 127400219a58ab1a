"""One claimed row: run its task, write the outcome under its lease, send the next message where it is to run again."""

import logging
import random
import time
from contextvars import copy_context
from datetime import timedelta
from typing import Any

from django.dispatch import Signal
from django.tasks import Task, TaskContext
from django.tasks.signals import task_finished, task_started

from serverless.tasks import lease, outbox
from serverless.tasks.exceptions import UnknownTask
from serverless.tasks.lease import Outcome
from serverless.tasks.models import State, TaskRow
from serverless.tasks.reconnect import patiently
from serverless.tasks.results import resolve, result_of
from serverless.tasks.values import describe, storable

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
# 15-30 s after the first failure, then twice as much each time: long enough for a failover (60-120 s) to pass before
# the attempts are spent. At most what SQS can delay, so that a retry comes on the second, not on the tick's minute.
RETRY_AFTER = 30.0
RETRY_AT_MOST = 900.0
# A deploy moves the worker within minutes; until then a new task's name is not the task's fault.
UNKNOWN_RETRY_AFTER = 60.0
UNKNOWN_FORGIVEN = timedelta(hours=1)
# Seconds between tries to write an outcome: a database that restarts is back within a few.
REPORT_PAUSES = (0.1, 1.0, 3.0)


def run(row: TaskRow) -> None:
    """Run one leased row and report. Raises a database error where the outcome could not be written."""
    if row.attempts >= MAX_ATTEMPTS:  # spent by crashes; the claim has counted the last one
        _report(row, Outcome(state=State.DEAD, attempts=row.attempts, errors=row.errors), task=_known(row))
        return
    try:
        task = resolve(row)
    except UnknownTask as error:
        _unknown(row, error)
        return
    began = time.perf_counter()
    outcome = _call(row, task)
    if _report(row, outcome, task=task):
        seconds = round(time.perf_counter() - began, 3)
        logger.info("task ran", extra=_fields(row) | {"state": outcome.state.value, "seconds": seconds})


def _call(row: TaskRow, task: "Task[..., Any]") -> Outcome:
    """Call the task; whatever it raises, SystemExit included, is its own failure and not the batch's."""
    result = result_of(row, task)
    _send(task_started, task=task, result=result)
    context = [TaskContext(task_result=result)] if task.takes_context else []
    try:
        # In a context of its own: the language or time zone that it activates is not the next task's.
        value = storable(copy_context().run(task.call, *context, *row.args, **row.kwargs))
    except KeyboardInterrupt:
        raise  # someone stops the worker: no outcome, the lease ends
    except BaseException as error:  # noqa: BLE001
        return _failure(row, error)
    return Outcome(state=State.DONE, attempts=row.attempts, errors=row.errors, value=value)


def _failure(row: TaskRow, error: BaseException, *, started: bool = True) -> Outcome:
    attempts, errors = row.attempts + 1, [*row.errors, describe(error)]
    if attempts >= MAX_ATTEMPTS:
        return Outcome(state=State.DEAD, attempts=attempts, errors=errors, started=started)
    return Outcome(state=State.READY, attempts=attempts, errors=errors, delay=backoff(attempts), started=started)


def backoff(attempts: int) -> float:
    """Return the seconds to wait after ``attempts`` failures, spread so that what failed together comes back apart."""
    longest = min(RETRY_AT_MOST, RETRY_AFTER * 2.0 ** (attempts - 1))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, hides nothing


def _unknown(row: TaskRow, error: UnknownTask) -> None:
    if row.last_attempted_at is not None and row.started_at is not None:
        forgiven = row.last_attempted_at - row.started_at < UNKNOWN_FORGIVEN
    else:
        forgiven = True
    if forgiven:
        outcome = Outcome(
            state=State.READY, attempts=row.attempts, errors=row.errors, delay=UNKNOWN_RETRY_AFTER, started=False
        )
    else:
        outcome = _failure(row, error, started=False)
    logger.warning("task is unknown to this release", extra=_fields(row) | {"state": outcome.state.value})
    _report(row, outcome, task=None)


def _report(row: TaskRow, outcome: Outcome, *, task: "Task[..., Any] | None") -> bool:
    """Write the outcome; then tell the receivers, or send the message for the next attempt."""
    after = patiently(lambda: lease.report(row, outcome), database=row.database, pauses=REPORT_PAUSES)
    if after is None:
        logger.warning("lease lost, outcome not written", extra=_fields(row) | {"state": outcome.state.value})
        return False
    if outcome.delay is not None:
        outbox.send([outbox.Wake.of(after, delay=outcome.delay)])
        return True
    if outcome.state is State.DEAD:
        logger.error("task is dead", extra=_fields(after))
    if task is not None:
        _send(task_finished, task=task, result=result_of(after, task))
    return True


def _known(row: TaskRow) -> "Task[..., Any] | None":
    try:
        return resolve(row)
    except UnknownTask:
        return None


def _send(signal: Signal, *, task: "Task[..., Any]", result: object) -> None:
    # Robust: a receiver's error is logged by Django; it neither fails the task nor undoes what it did.
    signal.send_robust(sender=type(task.get_backend()), task_result=result)


def _fields(row: TaskRow) -> dict[str, object]:
    return {"task": str(row.pk), "path": row.path, "database": row.database, "attempts": row.attempts}
