import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from serverless.tasks.models import State, TaskRow
from serverless.tasks.produce.insert import SEND_AHEAD
from serverless.tasks.work import lease
from serverless.tasks.work.lease import Outcome
from tests.serverless.tasks.conftest import StandIn, let_pass, only_row
from tests.serverless.tasks.jobs import add
from tests.serverless.tasks.rows import row

pytestmark = pytest.mark.django_db(transaction=True)

DONE = Outcome(state=State.DONE, attempts=0, value="mine")
LOST = {"exception_class_path": "x.Lost", "traceback": "lost"}


@pytest.fixture
def rows(stand_in: StandIn) -> list[TaskRow]:
    for number in range(4):
        add.enqueue(number)
    return list(TaskRow.objects.order_by("pk"))


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    """Threads whose database connections are closed with them."""
    with ThreadPoolExecutor(2) as pool:
        yield pool


def in_own_connection[T](call: Callable[[], T]) -> T:
    try:
        return call()
    finally:
        connection.close()


def claim(*rows: TaskRow, seconds: float = 60, worker: str = "a") -> list[TaskRow]:
    return lease.claim([row.pk for row in rows], database="default", seconds=seconds, worker=worker)


def suspect(row: TaskRow, worker: str = "b") -> TaskRow | None:
    return lease.claim_suspect(row, seconds=60, worker=worker, error=LOST)


def test_a_claim_leases_and_notes_the_worker(rows: list[TaskRow]) -> None:
    (claimed,) = claim(rows[0])
    assert (claimed.state, claimed.lease, claimed.worker_ids, claimed.alone) == ("running", 1, ["a"], False)
    assert claimed.due_at == claimed.wake_at
    assert claimed.started_at == claimed.last_attempted_at
    assert claimed.due_at is not None
    assert claimed.last_attempted_at is not None
    assert (claimed.due_at - claimed.last_attempted_at).total_seconds() == 60
    assert claimed.database == "default"


def test_what_is_leased_or_finished_is_not_claimed(rows: list[TaskRow]) -> None:
    claim(rows[0])
    (claimed,) = claim(rows[1])
    lease.report(claimed, DONE)
    assert claim(*rows[:2]) == []
    let_pass(61, rows[0])
    assert claim(*rows[:2]) == []  # a suspect is claimed on its own
    assert [row.pk for row in lease.suspects([row.pk for row in rows], database="default")] == [rows[0].pk]


def test_workers_with_the_same_messages_share_the_rows_between_them(
    rows: list[TaskRow], threads: ThreadPoolExecutor
) -> None:
    start = threading.Barrier(2)

    def work(order: list[TaskRow]) -> list[Any]:
        start.wait()
        return [row.pk for row in in_own_connection(lambda: claim(*order))]

    for _ in range(10):
        TaskRow.objects.update(state="ready", lease=0)
        let_pass(120, *rows)
        first, second = threads.map(work, [rows, rows[::-1]])
        assert sorted(first + second) == [row.pk for row in rows]


def test_a_claim_waits_for_a_row_that_is_locked_for_a_moment(rows: list[TaskRow], threads: ThreadPoolExecutor) -> None:
    with transaction.atomic():
        TaskRow.objects.filter(pk=rows[0].pk).update(sends=7)  # a sender that confirms
        claimed = threads.submit(in_own_connection, lambda: claim(rows[0]))
        while not _someone_waits():
            assert not claimed.done()
    assert [row.pk for row in claimed.result(timeout=5)] == [rows[0].pk]


def _someone_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def test_only_one_of_two_workers_gets_a_suspect(rows: list[TaskRow], threads: ThreadPoolExecutor) -> None:
    claim(rows[0])
    let_pass(61, rows[0])
    row = only_row(pk=rows[0].pk)
    both = [threads.submit(in_own_connection, lambda: suspect(row)) for _ in range(2)]
    assert sorted(claimed.result(timeout=5) is None for claimed in both) == [False, True]


def test_a_worker_that_lost_its_lease_writes_nothing(rows: list[TaskRow]) -> None:
    (frozen,) = claim(rows[0])
    let_pass(61, rows[0])
    second = suspect(only_row(pk=rows[0].pk))
    assert second is not None
    assert lease.report(frozen, DONE) is None
    assert lease.release([frozen], database="default") == []
    assert lease.report(second, Outcome(state=State.DONE, attempts=0, value="second")) is not None
    assert lease.report(frozen, DONE) is None
    assert only_row(pk=rows[0].pk).return_value == "second"


def test_a_frozen_worker_may_still_report_where_nobody_took_over(rows: list[TaskRow]) -> None:
    (frozen,) = claim(rows[0])
    let_pass(3600, rows[0])
    assert lease.report(frozen, DONE) is not None


def test_only_crashes_of_lone_leases_are_counted(rows: list[TaskRow]) -> None:
    claim(*rows)
    let_pass(61, *rows)
    for expected in [0, 1, 2]:
        claimed = suspect(only_row(pk=rows[0].pk))
        assert claimed is not None
        assert (claimed.attempts, claimed.errors) == (expected, [LOST] * expected)
        let_pass(61, rows[0])
    assert only_row(pk=rows[1].pk).attempts == 0


def test_a_released_row_was_never_started(rows: list[TaskRow]) -> None:
    claimed = claim(rows[0])
    (released,) = lease.release(claimed, database="default")
    assert (released.state, released.worker_ids, released.attempts) == ("ready", [], 0)
    assert len(claim(rows[0])) == 1


def test_a_retry_is_not_claimed_before_its_time(rows: list[TaskRow]) -> None:
    (claimed,) = claim(rows[0])
    after = lease.report(claimed, Outcome(state=State.READY, attempts=1, errors=[LOST], delay=30))
    assert after is not None
    assert (after.state, after.attempts, after.errors, after.finished_at) == ("ready", 1, [LOST], None)
    assert claim(rows[0]) == []
    let_pass(31, rows[0])
    assert len(claim(rows[0])) == 1


def test_a_finished_row_wakes_nobody(rows: list[TaskRow]) -> None:
    (claimed,) = claim(rows[0])
    after = lease.report(claimed, DONE)
    assert after is not None
    assert (after.due_at, after.wake_at, after.return_value) == (None, None, "mine")
    assert after.finished_at is not None


def test_the_table_refuses_an_unfinished_row_that_would_never_wake(rows: list[TaskRow]) -> None:
    with pytest.raises(IntegrityError, match="tasks_unfinished_wakes"):
        TaskRow.objects.update(wake_at=None)


def test_what_was_replaced_by_a_later_start_waits_for_it_though_its_worker_is_lost(stand_in: StandIn) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    lost = row("running", age=90, lease=1, again=True, unique_key="x", run_after=tomorrow, errors=[LOST])
    assert lease.suspects([lost.pk], database="default") == []
    waiting = only_row()
    assert (waiting.state, waiting.due_at, waiting.again, waiting.errors) == ("ready", tomorrow, False, [])
    assert waiting.wake_at is not None
    assert tomorrow - waiting.wake_at == SEND_AHEAD


@pytest.mark.parametrize("after", [None, timedelta(0)])
def test_what_was_replaced_by_one_that_is_due_is_a_suspect(stand_in: StandIn, after: timedelta | None) -> None:
    run_after = None if after is None else timezone.now() + after
    lost = row("running", age=90, lease=1, again=True, unique_key="x", run_after=run_after)
    assert lease.suspects([lost.pk], database="default") == [lost]
