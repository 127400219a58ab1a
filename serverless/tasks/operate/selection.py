"""Which rows an operator means, written so that an index serves it, and worked on in batches."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from serverless.ids import first_of
from serverless.tasks.models import UNFINISHED, State, TaskRow

BATCH = 1000
LONGEST = timedelta(days=36_525)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Rows that match everything given. ``task`` is the path's beginning, ``before`` the latest enqueueing."""

    ids: Sequence[UUID] = ()
    state: State | None = None
    queue: str = ""
    task: str = ""
    before: datetime | None = None

    def rows(self, database: str) -> "QuerySet[TaskRow]":
        """Return the rows, the newest first: their ids are in the order of enqueueing."""
        rows = in_state(TaskRow.objects.using(database).order_by("-pk"), self.state)
        if self.ids:
            rows = rows.filter(pk__in=self.ids)
        if self.queue:
            rows = rows.filter(queue=self.queue)
        if self.task:
            rows = rows.filter(path__startswith=self.task)
        if self.before is not None:
            rows = rows.filter(pk__lt=first_of(self.before))
        return rows


def in_state(rows: "QuerySet[TaskRow]", state: State | None) -> "QuerySet[TaskRow]":
    """Narrow ``rows`` to a state in the words of the partial indexes."""
    if state is None:
        return rows
    return rows.filter(state=state, **{f"{'wake_at' if state in UNFINISHED else 'finished_at'}__isnull": False})


def purgeable(rows: "QuerySet[TaskRow]") -> "QuerySet[TaskRow]":
    """Narrow ``rows`` to finished ones whose values nobody needs: a group's end gets those of all its tasks."""
    to_come = TaskRow.objects.using(rows.db).filter(group=OuterRef("group")).exclude(state=State.DONE)
    finished = rows.filter(state__in=[State.DONE, State.DEAD], finished_at__isnull=False)
    return finished.exclude(Exists(to_come), state=State.DONE)


def in_batches(rows: "QuerySet[TaskRow]", work: Callable[[list[UUID]], int], *, limit: int | None = None) -> int:
    """Call ``work`` with up to ``BATCH`` ids at a time, the oldest first, and return the sum of what it returns.

    Each row is given once, and no more than ``limit`` in all. ``work`` keeps its own transaction.
    """
    rows, done, given = rows.order_by("pk"), 0, 0
    last: UUID | None = None
    while limit is None or given < limit:
        size = BATCH if limit is None else min(BATCH, limit - given)
        ids = list((rows if last is None else rows.filter(pk__gt=last)).values_list("pk", flat=True)[:size])
        if ids:
            done += work(ids)
            given, last = given + len(ids), ids[-1]
        if len(ids) < size:
            break
    return done


def age(text: str) -> timedelta:
    """Read ``90s``, ``15m``, ``6h``, ``30d`` or ``2w``. Raises ValueError for anything else."""
    units = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
    number, unit = text[:-1], text[-1:]
    if unit not in units or not number.isascii() or not number.isdigit():
        raise ValueError(f"{text!r} is no length of time: write 90s, 15m, 6h, 30d or 2w.")
    # Ten digits of any unit are beyond the calendar, and int() takes time with thousands.
    found = timedelta(**{units[unit]: int(number)}) if len(number) < 10 else LONGEST
    if found >= LONGEST:
        raise ValueError(f"{text!r} is longer than anything is kept.")
    return found
