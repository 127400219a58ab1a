"""What a task's page says, put in order for its template."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from serverless.tasks.models import UNFINISHED, State, TaskRow
from serverless.tasks.operate.cancel import is_cancelled
from serverless.tasks.operate.wording import duration, next_step, seconds
from serverless.tasks.work import pausing

# A page of a megabyte of arguments helps nobody.
MAX_SHOWN = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    number: int
    kind: str
    message: str
    traceback: str
    newest: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One row as its page shows it; ``actions`` are those that its state allows."""

    row: TaskRow
    name: str
    module: str
    cancelled: bool
    next_step: str
    args: str
    kwargs: str
    value: str
    ties: list[tuple[str, str]]
    timings: list[tuple[str, datetime | str]]
    attempts: list[Attempt]
    workers: list[str]
    actions: list[str]


def detail(row: TaskRow | None, *, now: datetime) -> Detail | None:
    """Return what the page of ``row`` shows, at the database's ``now``."""
    if row is None:
        return None
    module, _, name = row.path.rpartition(".")
    return Detail(
        row=row, name=name, module=module, cancelled=row.state == State.DEAD and is_cancelled(row),
        next_step=next_step(
            row, now=now, paused=pausing.holding(row) if row.state in UNFINISHED else [], ahead=_ahead(row)
        ),
        ties=list(_ties(row)),
        args=_pretty(row.args), kwargs=_pretty(row.kwargs), value=_pretty(row.return_value),
        timings=list(_timings(row, now)), attempts=_attempts(row), workers=list(reversed(row.worker_ids)),
        actions=_actions(row, now),
    )  # fmt: skip


def _ahead(row: TaskRow) -> int:
    """Count what comes before the row in its order."""
    if row.order_key is None or row.state != State.READY:
        return 0
    same = TaskRow.objects.using(row.database).filter(order_key=row.order_key, wake_at__isnull=False)
    return same.filter(position__lt=row.position).count()


def _ties(row: TaskRow) -> Iterator[tuple[str, str]]:
    """Yield what ties the row to others."""
    for label, key in (("Unique by", row.unique_key), ("In order of", row.order_key), ("Limited by", row.limit_key)):
        if key is not None:
            yield label, key
    if row.group is not None:
        yield "Group", f"{row.group} done"
    if row.chain:
        yield "Followed by", ", ".join(call["path"] for call in row.chain)


def _pretty(value: Any) -> str:
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}\n… {len(text) - MAX_SHOWN:,} characters more"


def _timings(row: TaskRow, now: datetime) -> Iterator[tuple[str, datetime | str]]:
    yield "Enqueued", row.enqueued_at
    for label, when in (
        ("Not before", row.run_after),
        ("Not after", row.expires_at),
        ("First started", row.started_at),
        ("Last started", row.last_attempted_at if row.last_attempted_at != row.started_at else None),
        ("Finished", row.finished_at),
        ("Due", row.due_at),
        ("The tick looks at it", row.wake_at),
    ):
        if when is not None:
            yield label, when
    begin = max(filter(None, (row.enqueued_at, row.run_after)))
    if row.started_at is not None:
        yield "Waited", duration(max((row.started_at - begin).total_seconds(), 0))
    elif row.state in UNFINISHED and now > begin:
        yield "Waiting for", duration((now - begin).total_seconds())
    if row.last_attempted_at is not None and row.finished_at is not None and not is_cancelled(row):
        yield "Ran", seconds((row.finished_at - row.last_attempted_at).total_seconds())


def _attempts(row: TaskRow) -> list[Attempt]:
    """Return the errors, the newest first, each with the last line of its traceback as its summary."""
    made = [
        Attempt(
            number=number,
            kind=error["exception_class_path"].rpartition(".")[2],
            message=error["traceback"].rstrip().rpartition("\n")[2].partition(": ")[2][:300],
            traceback=error["traceback"].strip(),
            newest=number == len(row.errors),
        )
        for number, error in enumerate(row.errors, start=1)
    ]
    return made[::-1]


def _actions(row: TaskRow, now: datetime) -> list[str]:
    if row.state == State.DEAD:
        return ["retry", "purge"]
    if row.state == State.DONE:
        return ["purge"]
    lapsed = row.due_at is not None and row.due_at <= now
    return ["cancel"] if row.state == State.READY or lapsed else []
