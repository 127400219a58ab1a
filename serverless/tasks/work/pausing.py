"""Hold back a queue or a task: workers pass over its rows, the tick does not wake them, resuming does."""

import time
from datetime import timedelta

from django.db import connections, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.tasks import Task, task_backends
from django.utils.module_loading import import_string

from serverless.tasks.exceptions import UnknownName
from serverless.tasks.models import Pause, TaskRow

# For statements on tasks_taskrow. A claim of ten rows takes 0.66 ms with it, 0.60 ms without.
NOT_PAUSED = (
    "NOT EXISTS (SELECT FROM tasks_pause AS pause WHERE pause.name IN (tasks_taskrow.queue, tasks_taskrow.path))"
)
# Paused rows that are due are moved this far out of the tick's way, so that it does not read all of them every minute;
# whatever becomes of the pause, they come back by themselves.
PARK = timedelta(hours=1)
BATCH = 10_000
MAX_RESUMED = 100_000
# Seconds after which a row that was locked is tried once more: the lock of a send that is just being confirmed, as a
# rule, which lasts milliseconds. To wait for every lock would be to wait for other people's transactions.
LOCKED_S = 0.1

# The pause is locked as well: who resumes waits, and wakes what was parked in between.
_PARK = """
WITH paused AS (
    SELECT task.id FROM tasks_taskrow AS task JOIN tasks_pause AS pause ON pause.name IN (task.queue, task.path)
    WHERE task.wake_at <= statement_timestamp() AND task.due_at <= statement_timestamp()
    ORDER BY task.wake_at LIMIT %(limit)s FOR UPDATE OF task SKIP LOCKED FOR KEY SHARE OF pause
)
UPDATE tasks_taskrow AS task SET wake_at = statement_timestamp() + %(park)s::float8 * interval '1 second'
FROM paused WHERE task.id = paused.id
"""

# What is not held by another pause, and not awake already. Its lease moves on as well: whoever has still to confirm a
# message that was passed over because of the pause must not put the row off again.
_RESUME = f"""
WITH held AS (
    SELECT id FROM tasks_taskrow
    WHERE wake_at > statement_timestamp() AND due_at <= statement_timestamp() AND %(name)s IN (queue, path)
        AND {NOT_PAUSED}
    LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE tasks_taskrow AS task SET wake_at = statement_timestamp(), sends = 0, lease = task.lease + 1
FROM held WHERE task.id = held.id
"""  # noqa: S608 - constants only


def pause(name: str, *, database: str, by: str = "", reason: str = "") -> bool:
    """Pause a queue or a task from the next claim on; False where it was paused before, which stays as it was.

    Raises UnknownName for what is neither.
    """
    check(name)
    _, made = Pause.objects.using(database).get_or_create(name=name, defaults={"by": by, "reason": reason})
    return made


def resume(name: str, *, database: str) -> int | None:
    """End a pause; the next ticks send what is due of it. Returns how many rows were brought forward for that,
    None where there was no pause.

    A row that another pause holds as well stays held. In batches, each its own transaction, up to as many rows as the
    ticks of ten minutes send; the rest comes back within ``PARK``.
    """
    # The first batch ends with the pause or not at all: where it fails there is still a pause to be ended again.
    with transaction.atomic(using=database):
        if not Pause.objects.using(database).filter(name=name).delete()[0]:
            return None
        woken = count = _wake(name, database=database)
    while count == BATCH and woken < MAX_RESUMED:
        count = _wake(name, database=database)
        woken += count
    if woken < MAX_RESUMED:
        time.sleep(LOCKED_S)
        woken += _wake(name, database=database)
    return woken


def _wake(name: str, *, database: str) -> int:
    with connections[database].cursor() as cursor:
        cursor.execute(_RESUME, {"name": name, "limit": BATCH})
        return int(cursor.rowcount)


def check(name: str) -> None:
    """Raise UnknownName unless ``name`` is a queue in TASKS or the path of a task."""
    queues = sorted({queue for backend in task_backends.all() for queue in backend.queues})
    if name in queues:
        return
    try:
        found = import_string(name)
    except Exception:  # noqa: BLE001 - a module may raise anything while it is imported
        found = None
    if not isinstance(found, Task):
        raise UnknownName(
            f"{name!r} is neither a queue ({', '.join(queues)}) nor the path of a task, as in app.tasks.send."
        )


def holding(row: TaskRow) -> list[str]:
    """Return what holds the row back: its queue, its task, both or none."""
    return list(Pause.objects.using(row.database).filter(name__in=[row.queue, row.path]).values_list("name", flat=True))


def not_paused(rows: "QuerySet[TaskRow]") -> "QuerySet[TaskRow]":
    return rows.exclude(Exists(Pause.objects.filter(Q(name=OuterRef("queue")) | Q(name=OuterRef("path")))))


def park(database: str) -> int:
    """Move paused rows that are due out of the tick's way; returns how many."""
    with connections[database].cursor() as cursor:
        cursor.execute(_PARK, {"limit": BATCH, "park": PARK.total_seconds()})
        return int(cursor.rowcount)
