"""A row in words: what becomes of it, how long things took."""

from collections.abc import Sequence
from datetime import datetime

from serverless.tasks.exceptions import CANCELLED, EXPIRED
from serverless.tasks.models import State, TaskRow

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def next_step(row: TaskRow, *, now: datetime, paused: Sequence[str] = (), ahead: int = 0) -> str:
    """Say in one sentence what happens next. Every time is UTC, as in the logs.

    ``paused``: what holds the row back; ``ahead``: how many unfinished tasks of its order come before it.
    """
    if row.state == State.DONE:
        return f"Done at {moment(row.finished_at)}; it is deleted once its retention is over."
    if row.state == State.DEAD:
        return f"{_death(row)} at {moment(row.finished_at)}. It runs again only if someone retries it."
    if row.state == State.RUNNING and (row.due_at is None or row.due_at > now):
        return f"Leased until {moment(row.due_at)} to {row.worker_ids[-1] if row.worker_ids else 'a worker'}."
    if paused:
        return f"Held back: {' and '.join(paused)} {'is' if len(paused) == 1 else 'are'} paused."
    if row.state == State.RUNNING:
        return "Its lease ended without a report: the worker is gone. It runs next, alone."
    if row.due_at is not None and row.due_at > now:
        return f"Waits for its {'retry' if row.attempts else 'start'} at {moment(row.due_at)}."
    if ahead:
        tasks = "the task" if ahead == 1 else f"{ahead} tasks"
        return f"Waits for {tasks} before it in the order of {row.order_key}."
    if row.limit_key is not None and row.sends:
        return f"Waits for a place under the limit of {row.limit_key}; whoever leaves one wakes it."
    if row.sends:
        return f"Waits for a worker; its message was sent, and is sent again at {moment(row.wake_at)}."
    return f"Waits for its message, which the tick sends at {moment(row.wake_at)} at the latest."


def _death(row: TaskRow) -> str:
    last = row.errors[-1]["exception_class_path"] if row.errors else ""
    return {CANCELLED: "Cancelled", EXPIRED: "Expired before it could start,"}.get(
        last, f"Dead after {row.attempts} failed attempts,"
    )


def moment(when: datetime | None) -> str:
    return "-" if when is None else f"{when:%Y-%m-%d %H:%M:%S} UTC"


def ago(when: datetime, now: datetime) -> str:
    return f"{duration(max((now - when).total_seconds(), 0))} ago"


def duration(length: float) -> str:
    """Write a length of time in its two largest units: ``2 d 3 h``, ``14 s``."""
    if length < 1:
        return "0 s" if length < 0.001 else f"{length * 1000:.0f} ms"
    left, parts = round(length), []
    for size, unit in _UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2])


def seconds(length: float | None) -> str:
    """Write a measured time: ``-`` for none, milliseconds below a second, one decimal below a minute."""
    if length is None:
        return "-"
    return f"{length:.1f} s" if 1 <= length < 60 else duration(max(length, 0))
