"""Enqueue what the schedules say by now.

The occurrence is written down by the transaction that enqueues its task, under the lock of the schedule's row: both
happen or neither, and a tick that comes twice, late or beside another finds nothing left to do.
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import InterfaceError, OperationalError, connections, router, transaction
from django.db.models.functions import Now

from serverless import context
from serverless.db.again import patiently
from serverless.tasks.models import UNFINISHED, TaskRow
from serverless.tasks.results import parse_result_id
from serverless.tasks.schedules.declaration import Schedule, schedules
from serverless.tasks.schedules.occurrences import Rule, latest, missed, offset
from serverless.tasks.schedules.row import TABLE, ScheduleRow

logger = logging.getLogger(__name__)

# Occurrences of one schedule that a tick catches up with: as many inserts and ten requests to SQS, about 300 ms.
CATCH_UP = 100
# The first statement after a freeze may find its connection gone.
RETRY_PAUSES = (0.0,)


def enqueue_due(*, reserve: float) -> int:
    """Enqueue each occurrence that has come since the last tick, and return how many tasks that made.

    A schedule that cannot be understood or enqueued is logged and tried again by the next tick. ``reserve``: seconds
    before the function's end at which only the first schedule is begun. Raises the database's errors where it is away.
    """
    database = router.db_for_write(TaskRow)
    declared = {schedule.key: schedule for schedule in schedules()}
    seen = patiently(lambda: _seen(declared, database=database), database=database, pauses=RETRY_PAUSES)
    if seen is None:
        return 0
    count = 0
    for number, (key, schedule) in enumerate(declared.items()):
        left = context.remaining()
        if number and left is not None and left < reserve:  # a function that is too short for it must not idle
            break
        try:
            count += _tend(schedule, seen.get(key), database=database)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            logger.exception("schedule failed", extra={"backend": schedule.backend, "schedule": schedule.name})
    return count


def _seen(declared: Mapping[tuple[str, str], Schedule], *, database: str) -> dict[tuple[str, str], ScheduleRow] | None:
    """Return what is remembered, after forgetting what is no longer declared; None before the migration."""
    if TABLE not in connections[database].introspection.table_names():
        return None
    rows = ScheduleRow.objects.using(database)
    seen = {(row.backend, row.name): row for row in rows.with_clock()}
    if gone := [row.pk for key, row in seen.items() if key not in declared]:
        rows.filter(pk__in=gone).delete()
    return seen


def _tend(schedule: Schedule, row: ScheduleRow | None, *, database: str) -> int:
    rule = schedule.rule()
    if row is None:
        first = ScheduleRow(backend=schedule.backend, name=schedule.name, rule=rule.text, last_at=Now())
        ScheduleRow.objects.using(database).bulk_create([first], ignore_conflicts=True)
    elif row.rule != rule.text:
        rows = ScheduleRow.objects.using(database).filter(pk=row.pk).exclude(rule=rule.text)
        rows.update(rule=rule.text, last_at=Now())
    elif missed(rule, after=row.last_at, until=row.now, limit=1):
        enqueue = partial(_enqueue, schedule, rule, database=database)
        return patiently(enqueue, database=database, pauses=RETRY_PAUSES)
    return 0


def _enqueue(schedule: Schedule, rule: Rule, *, database: str) -> int:
    with transaction.atomic(using=database):
        row = (
            ScheduleRow.objects.using(database)
            .filter(backend=schedule.backend, name=schedule.name, rule=rule.text)
            .with_clock()
            .select_for_update(skip_locked=True)
            .first()
        )
        if row is None:  # in the hands of another tick, or begun anew by it
            return 0
        if not (times := _due(schedule, rule, row)):
            return 0
        if schedule.overlap or not _unfinished(row, database=database):
            tasks = [_enqueue_one(schedule, at) for at in times]
        elif schedule.catch_up:
            return 0
        else:
            tasks = []
            where = {"backend": row.backend, "schedule": row.name, "occurrence": times[-1].isoformat()}
            logger.warning("occurrence skipped: the last task is unfinished", extra=where | {"task": row.last_task})
        row.last_at, row.last_task = times[-1], tasks[-1] if tasks else row.last_task
        row.save(using=database, update_fields=["last_at", "last_task"])
        return len(tasks)


def _due(schedule: Schedule, rule: Rule, row: ScheduleRow) -> list[datetime]:
    if schedule.catch_up:
        return missed(rule, after=row.last_at, until=row.now, limit=CATCH_UP if schedule.overlap else 1)
    last = latest(rule, after=row.last_at, until=row.now)
    return [] if last is None else [last]


def _unfinished(row: ScheduleRow, *, database: str) -> bool:
    if row.last_task is None:
        return False
    return TaskRow.objects.using(database).filter(pk=row.last_task, state__in=UNFINISHED).exists()


def _enqueue_one(schedule: Schedule, at: datetime) -> UUID:
    task = schedule.task()
    if jitter := schedule.jitter():
        task = task.using(run_after=at + offset(f"{schedule.backend} {schedule.name}", at, jitter=jitter))
    result = task.enqueue(*schedule.args, **schedule.kwargs)
    return parse_result_id(result.id)[1]
