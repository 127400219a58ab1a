"""What an operator asks first: how much waits, since when, how fast it goes, what fails. Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connections
from django.tasks import task_backends

from serverless.tasks.exceptions import CANCELLED

# Newest finished rows that `recent` reads, and dead rows that `dead` counts: a page must come within a second.
MAX_ROWS = 100_000
MAX_DEAD = 10_000

# Reads the partial index of unfinished rows, whatever the table's size.
_DEPTHS = """
SELECT queue,
    count(*) FILTER (WHERE state = 'ready' AND due_at <= statement_timestamp()),
    count(*) FILTER (WHERE state = 'ready' AND due_at > statement_timestamp()),
    count(*) FILTER (WHERE state = 'running' AND due_at > statement_timestamp()),
    count(*) FILTER (WHERE state = 'running' AND due_at <= statement_timestamp()),
    COALESCE(EXTRACT(epoch FROM statement_timestamp() - min(due_at)
        FILTER (WHERE due_at <= statement_timestamp())), 0)::float8
FROM tasks_taskrow WHERE wake_at IS NOT NULL GROUP BY queue
"""

_DEAD = """
SELECT queue, count(*) FROM (
    SELECT queue FROM tasks_taskrow WHERE state = 'dead' AND finished_at IS NOT NULL LIMIT %(limit)s
) AS dead GROUP BY queue
"""

_FINISHED = """
SELECT path, state, finished_at,
    LEAST(floor(EXTRACT(epoch FROM %(now)s - finished_at) / %(width)s), %(steps)s - 1)::int AS age,
    {retries} AS retries, {ran} AS ran,
    EXTRACT(epoch FROM started_at - GREATEST(enqueued_at, run_after))::float8 AS waited
FROM tasks_taskrow
WHERE state = '{state}' AND finished_at > %(begin)s
ORDER BY finished_at DESC LIMIT %(limit)s
"""
_RAN = "EXTRACT(epoch FROM finished_at - last_attempted_at)::float8"
_DONE = _FINISHED.format(state="done", retries="attempts", ran=_RAN)
# Who cancels a task ends it long after its last attempt: that is no duration.
_SPENT = _FINISHED.format(
    state="dead",
    retries="GREATEST(attempts - 1, 0)",
    ran=f"CASE WHEN errors->-1->>'exception_class_path' IS DISTINCT FROM '{CANCELLED}' THEN {_RAN} END",
)

_RECENT = f"""
WITH recent AS MATERIALIZED (({_DONE}) UNION ALL ({_SPENT}))
SELECT path, age, done, failed, retries, waits[1], waits[2], runs[1], runs[2], first FROM (
    SELECT path, age, count(*) FILTER (WHERE state = 'done') AS done, count(*) FILTER (WHERE state = 'dead') AS failed,
        sum(retries)::int AS retries,
        percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY waited) AS waits,
        percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY ran) AS runs, min(finished_at) AS first
    FROM recent GROUP BY GROUPING SETS ((path), (age), ())
) AS figures
"""  # noqa: S608 - constants only


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """One queue now. ``oldest``: for how many seconds a row has been due; ``lost``: leases without a report."""

    queue: str
    due: int = 0
    later: int = 0
    running: int = 0
    lost: int = 0
    oldest: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What finished: counts, and medians and 95th percentiles in seconds, None where nothing ran.

    ``retries`` are failed attempts that were followed by another, ``waited`` is from the earliest start to the first
    run, ``ran`` the last attempt.
    """

    done: int = 0
    failed: int = 0
    retries: int = 0
    waited: float | None = None
    waited_p95: float | None = None
    ran: float | None = None
    ran_p95: float | None = None

    @property
    def count(self) -> int:
        return self.done + self.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """The last ``period`` before ``now``: ``steps`` of equal length, the oldest first, and each task by its path.

    ``since`` is later than the period's begin where more than ``MAX_ROWS`` finished in it.
    """

    now: datetime
    since: datetime
    period: timedelta
    steps: list[Figures]
    tasks: dict[str, Figures]
    total: Figures

    @property
    def step(self) -> timedelta:
        return self.period / len(self.steps)


def depths(database: str) -> list[Depth]:
    """Return each queue in TASKS and each that has unfinished rows, by name."""
    with connections[database].cursor() as cursor:
        cursor.execute(_DEPTHS)
        found = {
            queue: Depth(queue=queue, due=due, later=later, running=running, lost=lost, oldest=oldest)
            for queue, due, later, running, lost, oldest in cursor.fetchall()
        }
    known = {queue for backend in task_backends.all() for queue in backend.queues}
    return [found.get(queue) or Depth(queue=queue) for queue in sorted(known | set(found))]


def dead(database: str) -> dict[str, int]:
    """Count the dead by queue, ``MAX_DEAD`` in all at most."""
    with connections[database].cursor() as cursor:
        cursor.execute(_DEAD, {"limit": MAX_DEAD})
        return dict(cursor.fetchall())


def recent(database: str, *, period: timedelta, steps: int) -> Recent:
    """Return what finished in the last ``period``, in one statement that reads at most twice ``MAX_ROWS`` rows."""
    with connections[database].cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        (now,) = cursor.fetchone()
        width = period.total_seconds() / steps
        cursor.execute(_RECENT, {"now": now, "begin": now - period, "width": width, "steps": steps, "limit": MAX_ROWS})
        rows = cursor.fetchall()
    by_step = {age: figures for path, age, figures, _ in _read(rows) if path is None and age is not None}
    tasks = {path: figures for path, _, figures, _ in _read(rows) if path is not None}
    total, first = next((figures, first) for path, age, figures, first in _read(rows) if path is None and age is None)
    return Recent(
        now=now,
        since=first if total.count >= MAX_ROWS else now - period,
        period=period,
        steps=[by_step.get(age, Figures()) for age in reversed(range(steps))],
        tasks=dict(sorted(tasks.items(), key=lambda item: -item[1].count)),
        total=total,
    )


def _read(rows: list[tuple[Any, ...]]) -> Iterator[tuple[str | None, int | None, Figures, datetime]]:
    for path, age, done, failed, retries, waited, waited_p95, ran, ran_p95, first in rows:
        figures = Figures(
            done=done, failed=failed, retries=retries or 0,
            waited=waited, waited_p95=waited_p95, ran=ran, ran_p95=ran_p95,
        )  # fmt: skip
        yield path, age, figures, first
