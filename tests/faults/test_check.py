"""The checker itself: a small history for each promise, kept and broken."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.faults.check import violations
from tests.faults.history import Line
from tests.faults.record import Record

ID = "01a205eb-4d47-7fa0-baa0-04141c640bec"
MESSAGE = f'{{"task": "{ID}", "database": "default"}}'
_KEYS = ("order_key", "unique_key", "limit_key", "expires_at", "finished_at", "run_after", "chain", "group_id")
T0 = datetime(2026, 1, 1, tzinfo=UTC)
THEN = [{"kwargs": {"mark": "next"}}]


def line(what: str, mark: str = "t", *, at: float = 0.0, **more: Any) -> Line:
    return Line(at=at, what=what, mark=mark, by=1, more=more)


def row(mark: str = "t", *, task: str = "effect", state: str = "done", **more: Any) -> dict[str, Any]:
    given = {
        "id": ID,
        "attempts": 0,
        "lease": 1,
        "return_value": "r1",
        "kwargs": {"mark": mark},
        "errors": [],
    } | dict.fromkeys(_KEYS)
    return {"mark": mark, "path": f"project.tasks.{task}", "state": state} | given | more


def record(*lines: Line, rows: list[dict[str, Any]], runs: dict[str, list[str]] | None = None, **more: Any) -> Record:
    marked = [
        {"mark": mark, "run": run} for mark, names in ({"t": ["r1"]} if runs is None else runs).items() for run in names
    ]
    given: dict[str, Any] = {
        "groups": [],
        "dead": [],
        "connections": [],
        "memory_mb": 60,
        "schedules": [],
        "skipped": 0,
    }
    return Record(lines=lines, rows=rows, effects=marked, **given | more)


ONCE = [line("committed"), line("began", run="r1"), line("ended", run="r1", at=1.0)]


def ran(mark: str, *, at: float) -> list[Line]:
    return [line("committed", mark), line("began", mark, run="r1", at=at), line("ended", mark, run="r1", at=at + 1)]


def test_a_history_without_a_fault_is_fine() -> None:
    assert violations(record(*ONCE, rows=[row()])) == []


def asked(mark: str, kind: str, *, at: float = 0.0) -> list[Line]:
    return [line("asked", mark, kind=kind, at=at), line("committed", mark, kind=kind, task=ID, at=at)]


def minute(number: int) -> dict[str, Any]:
    return row("occurrence", task="occurrence", run_after=T0 + timedelta(minutes=number))


TICKED = [line("began", "occurrence", run="r1"), line("ended", "occurrence", run="r1")]
TICKS = {"occurrence": ["r1"]}
A, B = {"a": ["r1"]}, {"b": ["r1"]}
EXPIRED = [{"exception_class_path": "serverless.tasks.exceptions.Expired", "traceback": ""}]

BROKEN: dict[str, tuple[str, Record]] = {
    "no row": ("I1", record(line("committed"), rows=[], runs={})),
    "unfinished": ("I1", record(line("committed"), rows=[row(state="ready")], runs={})),
    "no effect": ("I1", record(line("committed"), rows=[row()], runs={})),
    "late": ("I1", record(*ONCE, line("not drained", "", within=9), rows=[row()])),
    "twice": ("I2", record(*ONCE, rows=[row(task="atomic_effect")], runs={"t": ["r1", "r2"]})),
    "another's result": ("I2", record(*ONCE, rows=[row(task="atomic_effect", return_value="r0")])),
    "rolled back and run": ("I3", record(line("rolled back"), line("began"), rows=[], runs={})),
    "rolled back and there": ("I3", record(line("rolled back"), rows=[row(state="ready")], runs={})),
    "overtaken": (
        "I4",
        record(
            *ran("a", at=5), *ran("b", at=1), runs=A | B,
            rows=[row("a", order_key="g"), row("b", order_key="g")],
        ),
    ),
    "dead too soon": ("I5", record(*ONCE, rows=[row(state="dead", attempts=1)])),
    "alive too long": ("I5", record(*[line("raised")] * 5, *ONCE, rows=[row(attempts=5)])),
    "charged for another's": ("I5", record(*ONCE, rows=[row(attempts=1)])),
    "charged for a batch's crash": ("I5", record(*ONCE, line("lost", "", task=ID), rows=[row(attempts=1)])),
    "done though doomed": ("I5", record(*ONCE, rows=[row(task="fail_always")])),
    "in the dead-letter queue": ("I5", record(*ONCE, rows=[row()], dead=[MESSAGE])),
    "first fails": (
        "I6",
        record(
            *ONCE, line("cleared", "", fault="restart"), line("answered", "", function="worker", ok=False),
            rows=[row()],
        ),
    ),
    "answered, not settled": ("I7", record(*ONCE, line("acked", state="ready", settled=False), rows=[row()])),
    "result without its effect": ("I7", record(*ONCE, rows=[row(return_value="r9")])),
    "language": (
        "I8",
        record(
            *ONCE, line("observed", language="de", zone="America/Chicago", autocommit=True, lock_timeout="0"),
            rows=[row()],
        ),
    ),
    "two connections": ("I9", record(*ONCE, rows=[row()], connections=[{"name": "faults-7", "count": 2}])),
    "too much memory": ("I9", record(*ONCE, rows=[row()], memory_mb=500)),
    "received too often": ("I9", record(*ONCE, line("received", "", task=ID, count=51), rows=[row()])),
    "delivered during its run": ("I9", record(*ONCE, line("overlapped", "", task=ID, count=2), rows=[row()])),
    "chain cut": ("I10", record(*ONCE, rows=[row(chain=THEN)])),
    "group without end": ("I10", record(*ONCE, rows=[row(group_id=7)], groups=[{"id": 7, "size": 1, "then": THEN}])),
    "group ended too soon": (
        "I10",
        record(*ONCE, rows=[row(), row("next")], groups=[{"id": 7, "size": 1, "then": THEN}]),
    ),
    "unique, no row": ("I1", record(*asked("t", "unique_drop"), rows=[], runs={})),
    "dropped for a later one": (
        "I1",
        record(*asked("t", "unique_drop"), *asked("a", "unique_drop"), *ran("a", at=1), rows=[row("a")], runs=A),
    ),
    "dropped for one that had ended": (
        "I1",
        record(*asked("a", "unique_drop"), *ran("a", at=1), *asked("t", "unique_drop", at=60), rows=[row("a")], runs=A),
    ),
    "replaced by an earlier one": (
        "I1",
        record(*asked("a", "unique_replace"), *asked("t", "unique_replace"), *ran("a", at=1), rows=[row("a")], runs=A),
    ),
    "two live ones of a key": (
        "I1",
        record(
            *ran("a", at=1), *ran("b", at=1.5), runs=A | B,
            rows=[row("a", unique_key="k"), row("b", unique_key="k")],
        ),
    ),
    "beyond the limit": (
        "I11",
        record(
            *ran("a", at=1), *ran("b", at=1.5), runs=A | B,
            rows=[row("a", task="limited", limit_key="k"), row("b", task="limited", limit_key="k")],
        ),
    ),
    "faster than the rate": (
        "I11",
        record(
            *ran("a", at=1), *ran("b", at=5), runs=A | B,
            rows=[
                row(mark, task="paced", limit_key="k", last_attempted_at=T0 + timedelta(seconds=later))
                for mark, later in (("a", 0), ("b", 3))
            ],
        ),
    ),
    "began late": ("I12", record(*ONCE, line("late", seconds=0.5, leased=True), rows=[row()])),
    "started late": (
        "I12",
        record(*ONCE, rows=[row(expires_at=T0, finished_at=T0, last_attempted_at=T0 + timedelta(seconds=1))]),
    ),
    "expired too soon": (
        "I12",
        record(*ONCE, rows=[row(state="dead", errors=EXPIRED, expires_at=T0, finished_at=T0 - timedelta(seconds=1))]),
    ),
    "started while paused": ("I12", record(*ONCE, line("started while paused", name="default"), rows=[row()])),
    "occurrence twice": ("I13", record(*TICKED, rows=[minute(1), minute(1)], runs=TICKS)),
    "occurrence lost": (
        "I13",
        record(*TICKED, rows=[minute(1), minute(3)], runs=TICKS, schedules=[{"last_at": T0 + timedelta(minutes=3)}]),
    ),
    "last occurrence lost": (
        "I13",
        record(*TICKED, rows=[minute(1)], runs=TICKS, schedules=[{"last_at": T0 + timedelta(minutes=2)}]),
    ),
    "item lost": ("I1", record(line("accepted", bad=False), rows=[], runs={})),
    "bad item lost": ("I1", record(line("accepted", bad=True), rows=[], runs={})),
    "good item kept": (
        "I5", record(line("accepted", bad=False), rows=[], dead=['{"items": [{"mark": "t"}]}'])),
    "no follow-up": ("I10", record(*ONCE, rows=[row(kwargs={"mark": "t", "children": 1})])),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_promise_is_named_with_its_task_and_history(name: str) -> None:
    promise, broken = BROKEN[name]
    (found, *_) = [violation for violation in violations(broken) if violation.promise == promise]
    shown = str(found)
    assert shown.startswith(f"{promise} {found.mark or '-'}: ")
    assert shown.count("[1]") == len(found.lines)


def test_what_keys_limits_and_times_allow_is_fine() -> None:
    dropped = [*asked("a", "unique_drop"), *asked("b", "unique_drop"), *ran("a", at=1)]
    assert violations(record(*dropped, rows=[row("a", unique_key="k")], runs=A)) == []
    replaced = [*asked("a", "unique_replace"), *asked("b", "unique_replace"), *ran("b", at=1)]
    assert violations(record(*replaced, rows=[row("b", unique_key="k")], runs=B)) == []
    dead = row(state="dead", errors=EXPIRED, expires_at=T0, finished_at=T0 + timedelta(seconds=1))
    assert violations(record(line("committed"), rows=[dead], runs={})) == []
    ticked = record(
        *TICKED,
        rows=[minute(1), minute(2)],
        runs=TICKS,
        schedules=[{"last_at": T0}],
        skipped=120_000_000,
    )
    assert violations(ticked) == []
