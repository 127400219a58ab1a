"""The end of a run: its outcome in the row, and what follows from it in the same transaction."""

import logging
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.tasks.signals import task_finished

from serverless.db.again import patiently
from serverless.tasks.definition import Task
from serverless.tasks.exceptions import RetryAfter
from serverless.tasks.models import State, TaskRow
from serverless.tasks.produce import outbox, producer
from serverless.tasks.results import result_of
from serverless.tasks.retries import Retries
from serverless.tasks.values import describe
from serverless.tasks.work import gates, lease, tally
from serverless.tasks.work.lease import Outcome

logger = logging.getLogger(__name__)

# Seconds between tries to write an outcome: a database that restarts is back within a few.
PAUSES = (0.1, 1.0, 3.0)
# For so long since its first start, what is not a task's own fault costs it no attempt; after that, something else is
# wrong, and somebody should see it. Ten times as long as a failover or a deploy takes.
FORGIVEN = timedelta(hours=1)


def failed(row: TaskRow, error: BaseException, *, retries: Retries, started: bool = True) -> Outcome:
    """Return what ``error`` means for the row: another attempt later, or its end."""
    attempts, errors = row.attempts + 1, [*row.errors, describe(error)]
    if attempts >= retries.max_attempts or not (isinstance(error, RetryAfter) or retries.allow(error)):
        return Outcome(state=State.DEAD, attempts=attempts, errors=errors, started=started)
    delay = error.seconds if isinstance(error, RetryAfter) else retries.wait(attempts)
    return Outcome(state=State.READY, attempts=attempts, errors=errors, delay=delay, started=started)


def forgives(row: TaskRow) -> bool:
    """Tell whether the row's start is recent enough to be tried again without an end."""
    if row.last_attempted_at is None or row.started_at is None:
        return True
    return row.last_attempted_at - row.started_at < FORGIVEN


def write(row: TaskRow, outcome: Outcome) -> TaskRow | None:
    """Write ``outcome`` and insert what follows; return the row as it is now, or None where the lease was lost."""
    if not row.is_linked:
        return lease.report(row, outcome)
    with transaction.atomic(using=row.database):
        after = lease.report(row, outcome)
        if after is not None:
            producer.follow(after)
            if after.is_gated:
                gates.wake_next(after)
    return after


def write_patiently(row: TaskRow, outcome: Outcome) -> TaskRow | None:
    """Do what ``write`` does, also where the connection breaks and where a reply gets lost."""
    return patiently(lambda: write(row, outcome) or lease.reported(row), database=row.database, pauses=PAUSES)


def find_patiently(row: TaskRow) -> TaskRow | None:
    """Return the row if a report of this lease was committed."""
    return patiently(lambda: lease.reported(row), database=row.database, pauses=PAUSES)


def announce(after: TaskRow, *, task: "Task[..., Any] | None") -> None:
    """Count the outcome; send the message for the next attempt, or tell the receivers that the task has finished."""
    tally.count(after)
    if after.state == State.READY:
        outbox.send([outbox.Wake.of(after, delay=after.due_in)])
        return
    if after.state == State.DEAD:
        logger.error("task is dead", extra=fields(after))
    if task is not None:
        # Robust: a receiver's error is logged by Django; it neither fails the task nor undoes what it did.
        task_finished.send_robust(sender=type(task.get_backend()), task_result=result_of(after, task))


def fields(row: TaskRow) -> dict[str, object]:
    """Return what log lines say of a row: no arguments, which may be personal."""
    return {"task": str(row.pk), "path": row.path, "database": row.database, "attempts": row.attempts}
