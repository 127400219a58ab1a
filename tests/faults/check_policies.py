"""What the checker knows of keys, limits, times, schedules and tasks without a row."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from tests.faults.history import Line
from tests.faults.record import Record, Row, Violation, kind

# Tasks whose mark may be in no row: it went into another's, was replaced, or there are none.
OTHER_ROWS: Final = frozenset({"unique_drop", "unique_replace", "flooded"})
# How many of a key may run at a time, and the seconds between two starts, as `project.policies` says.
CONCURRENCY: Final = {"limited": 1, "limited_in_order": 1}
INTERVALS: Final = {"paced": 6.0}
# serverless.tasks.work.gates.EARLY
EARLY_S: Final = 2.0
# From a run's end until nobody may be dropped for its row any more: its report is tried for 4 s.
REPORT_S: Final = 10.0
# From the worker's look at the clock until the task's own, in another statement.
LATE_S: Final = 0.25
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE_US: Final = 60_000_000


def has_expired(row: Row) -> bool:
    return bool(row["errors"]) and row["errors"][-1]["exception_class_path"].endswith(".Expired")


def _one_of_a_key(record: Record) -> Iterator[Violation]:
    """I1 of unique tasks: run, dropped for one that was live, or replaced by a later one; never two at a time."""
    rows = {str(row["id"]): row for row in record.rows}
    asked = {line.mark: (place, line.at) for place, line in enumerate(record.of("asked"))}
    for line in record.of("committed"):
        if line.more.get("kind") not in {"unique_drop", "unique_replace"}:
            continue
        row = rows.get(line.more["task"])
        if row is None:
            yield record.broken("I1", line.mark, "was committed, and the row that it was given is not there")
        elif row["mark"] != line.mark and (why := _wrong_row(record, row, line, asked)):
            yield record.broken("I1", line.mark, why)
    for key, members in _by(record, "unique_key"):
        for mark, other in _too_many(record, members, most=1):
            yield record.broken("I1", mark, f"runs beside {other}, of the same key {key}")


def _wrong_row(record: Record, row: Row, line: Line, asked: dict[str, tuple[int, float]]) -> str:
    """Return why ``row`` is none for the task of ``line``, which was dropped for it or replaced in it; or nothing."""
    other, (place, at) = row["mark"], asked[line.mark]
    if line.more["kind"] == "unique_replace":
        return "" if asked[other][0] > place else f"was replaced by {other}, which came before"
    if asked[other][0] > place:
        return f"was dropped for {other}, which came later"
    ended = _counted(record, row)
    return f"was dropped for {other}, which had ended" if ended and ended[1] + REPORT_S < at else ""


def _within_limits(record: Record) -> Iterator[Violation]:
    """I11: never more than `concurrency` of a key under valid leases; no more starts of a key than its `rate`."""
    for key, members in _by(record, "limit_key"):
        most, interval = CONCURRENCY.get(kind(members[0])), INTERVALS.get(kind(members[0]))
        if most is not None:
            for mark, other in _too_many(record, members, most=most):
                yield record.broken("I11", mark, f"runs beside {other}, of {key} only {most} may")
        if interval is not None and (found := _too_fast(members, interval)):
            yield record.broken("I11", found[1], f"is start {found[0]} of {key} in {found[2]:.3f} s")


def _too_fast(rows: Iterable[Row], interval: float) -> tuple[int, str, float] | None:
    """Return how many started in how many seconds, up to which, where that is more than the rate allows.

    A row that was claimed twice keeps only its second start, which a crash may have made.
    """
    starts = sorted((row["last_attempted_at"], row["mark"]) for row in rows if row["lease"] == 1)
    for end, (to, mark) in enumerate(starts):
        for begin, (since, _) in enumerate(starts[:end]):
            seconds = (to - since).total_seconds()
            if end - begin > (seconds + EARLY_S) / interval + 0.001:
                return end - begin + 1, mark, seconds
    return None


def _not_now(record: Record) -> Iterator[Violation]:
    """I12: nothing starts after its `expires_after`, which ends it with Expired, nor while it is paused."""
    for line in record.of("late"):
        if line.more["leased"] and line.more["seconds"] > LATE_S:
            yield record.broken("I12", line.mark, f"began {line.more['seconds']:.3f} s after it expired")
    for row in record.rows:
        if row["expires_at"] is None or row["finished_at"] is None:
            continue
        if row["state"] == "done" and row["last_attempted_at"] > row["expires_at"]:
            yield record.broken("I12", row["mark"], "was started after it expired")
        if has_expired(row) and row["finished_at"] < row["expires_at"]:
            yield record.broken("I12", row["mark"], "is said to have expired, and had time")
    for line in record.of("started while paused"):
        yield record.broken("I12", line.mark, f"was started while {line.more['name']} was paused")


def _each_occurrence(record: Record) -> Iterator[Violation]:
    """I13: each occurrence of a schedule is enqueued exactly once."""
    # A row's start was moved back by what was skipped since it was enqueued: its minute is that of the rig's clock.
    minutes = Counter(
        (_microseconds(row["run_after"]) + record.skipped) // _MINUTE_US
        for row in record.rows
        if kind(row) == "occurrence"
    )
    for minute, count in minutes.items():
        if count > 1:
            yield record.broken("I13", "occurrence", f"of minute {minute - min(minutes)} was enqueued {count} times")
    for schedule in record.schedules:
        last = _microseconds(schedule["last_at"]) // _MINUTE_US + record.skipped // _MINUTE_US
        expected = range(min(minutes), last + 1) if minutes else ()
        if missing := [minute - min(minutes) for minute in expected if minute not in minutes]:
            yield record.broken(
                "I13", "occurrence", f"of minute {missing[0]} was not enqueued, nor {len(missing) - 1} more"
            )


def _without_row(record: Record) -> Iterator[Violation]:
    """I1 and I5 without a row: what SQS took is delivered; what fails for ever keeps its own message, and no other."""
    dead = " ".join(record.dead)
    for line in record.of("accepted"):
        if line.more["bad"]:
            if f'"{line.mark}"' not in dead:
                yield record.broken("I1", line.mark, "always fails, and has no message in the dead-letter queue")
        elif not record.runs(line.mark):
            yield record.broken("I1", line.mark, "was taken by SQS, and never took effect")
        elif f'"{line.mark}"' in dead:
            yield record.broken("I5", line.mark, "took effect, and has a message in the dead-letter queue")


def _by(record: Record, key: str) -> Iterator[tuple[str, list[Row]]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in record.rows:
        if row[key] is not None:
            groups[row[key]].append(row)
    yield from groups.items()


def _counted(record: Record, row: Row) -> tuple[float, float] | None:
    """Return begin and end of the run whose outcome the row has: all that time its lease was valid."""
    lines = [line for line in record.about(row["mark"]) if line.more.get("run") == row["return_value"] is not None]
    times = {line.what: line.at for line in lines}
    return (times["began"], times["ended"]) if {"began", "ended"} <= set(times) else None


def _too_many(record: Record, rows: Iterable[Row], *, most: int) -> Iterator[tuple[str, str]]:
    """Yield each that began while ``most`` others ran, with one of them."""
    runs = sorted((times, row["mark"]) for row in rows if (times := _counted(record, row)))
    for index, ((began, _), mark) in enumerate(runs):
        beside = [other for (_, ended), other in runs[:index] if ended > began]
        if len(beside) >= most:
            yield mark, beside[0]


def _microseconds(time: datetime) -> int:
    return (time - _EPOCH) // timedelta(microseconds=1)


RULES: tuple[Callable[[Record], Iterator[Violation]], ...] = (
    _one_of_a_key, _within_limits, _not_now, _each_occurrence, _without_row,
)  # fmt: skip
