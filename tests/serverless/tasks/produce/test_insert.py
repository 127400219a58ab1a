"""Rows of a task: many at once, and one a key."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from serverless.tasks import Task, UnstorableValue, WrongDatabase
from serverless.tasks.models import TaskRow
from tests.serverless.tasks import jobs
from tests.serverless.tasks.conftest import StandIn, let_pass, only_row, process
from tests.serverless.tasks.jobs import add
from tests.serverless.tasks.policies import (
    again_tomorrow,
    in_order,
    latest,
    once,
    once_in_order,
    plus,
    replaced_while_it_runs,
)
from tests.serverless.tasks.routers import chosen

pytestmark = pytest.mark.django_db(transaction=True)

NUMBERS = [([number], {"b": 1}) for number in range(25)]


# --- many -----------------------------------------------------------------------------------------------------------
def test_many_are_one_statement_and_as_few_requests_as_possible(
    stand_in: StandIn, django_assert_num_queries: Callable[..., Any]
) -> None:
    with django_assert_num_queries(2):  # the rows, and their confirmation
        results = add.enqueue_many(NUMBERS)  # type: ignore[attr-defined] # ours
    assert [result.args for result in results] == [[number] for number in range(25)]
    assert [len(bodies) for bodies in stand_in.bodies()] == [10, 10, 5]
    assert [body for bodies in stand_in.bodies() for body in bodies] == [
        result.id.removeprefix("default:") for result in results
    ]
    assert process(*TaskRow.objects.all()) == []
    assert {row.return_value for row in TaskRow.objects.all()} == set(range(1, 26))


def test_none_is_no_statement(stand_in: StandIn, django_assert_num_queries: Callable[..., Any]) -> None:
    with django_assert_num_queries(0):
        assert plus.enqueue_many([]) == []
    assert stand_in.requests == []


def test_more_than_a_statement_are_stored_whole_or_not_at_all(stand_in: StandIn) -> None:
    with pytest.raises(UnstorableValue):
        plus.enqueue_many([*(((1, 2), {}) for _ in range(600)), ((object(), 2), {})])
    assert TaskRow.objects.count() == 0
    with pytest.raises(DatabaseError), connection.execute_wrapper(_fail_second_insert()):
        plus.enqueue_many(((1, 2), {}) for _ in range(600))
    assert TaskRow.objects.count() == 0
    assert stand_in.requests == []
    assert len(plus.enqueue_many(((1, 2), {}) for _ in range(600))) == 600
    assert len(stand_in.requests) == 60


def _fail_second_insert() -> Callable[..., Any]:
    inserts: list[str] = []

    def fail(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        inserts.extend([sql] if "INSERT" in sql else [])
        if len(inserts) == 2:
            raise DatabaseError("the disk is full")
        return execute(sql, params, many, context)

    return fail


def test_a_statement_is_short_however_many_rows_it_stores(stand_in: StandIn) -> None:
    """RDS Proxy pins a session whose statement is over 16 KB as sent; parameters are sent apart."""
    sent: list[int] = []

    def measure(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        sent.append(len(sql))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(measure):
        plus.enqueue_many(((1, 2), {}) for _ in range(500))
    assert max(sent) < 4096


def test_a_rollback_takes_them_all(stand_in: StandIn) -> None:
    def enqueue_and_fail() -> None:
        with transaction.atomic():
            plus.enqueue_many([((1, 2), {})])
            raise LookupError

    with pytest.raises(LookupError):
        enqueue_and_fail()
    assert TaskRow.objects.count() == 0
    assert stand_in.requests == []


@pytest.mark.django_db(transaction=True, databases=["default", "other"])
def test_they_are_stored_in_the_database_of_the_transaction(stand_in: StandIn, settings: Settings) -> None:
    settings.DATABASE_ROUTERS = ["tests.serverless.tasks.routers.Chosen"]
    with chosen("other"), transaction.atomic(using="other"):
        plus.enqueue_many([((1, 2), {}), ((3, 4), {})])
    assert TaskRow.objects.using("other").count() == 2
    with pytest.raises(WrongDatabase), transaction.atomic(using="other"):
        plus.enqueue_many([((1, 2), {})])
    assert TaskRow.objects.using("default").count() == 0


def test_a_start_to_come_is_kept_for_all(stand_in: StandIn) -> None:
    start = timezone.now() + timedelta(seconds=90)
    plus.using(run_after=start).enqueue_many([((1, 2), {}), ((3, 4), {})])  # type: ignore[attr-defined] # same class
    assert set(TaskRow.objects.values_list("due_at", flat=True)) == {start}
    assert all(delay in {89, 90} for delay in stand_in.delays())


# --- one a key ------------------------------------------------------------------------------------------------------
def test_a_second_one_is_dropped_while_the_first_is_unfinished(stand_in: StandIn) -> None:
    first = once.enqueue(1)
    assert once.enqueue(1).id == first.id
    assert once.enqueue(2).id != first.id
    assert [len(bodies) for bodies in stand_in.bodies()] == [1, 1]  # no message for the dropped one
    process(*TaskRow.objects.all())
    assert once.enqueue(1).id != first.id
    assert jobs.calls == [1, 2]


def test_a_second_one_is_dropped_while_the_first_runs(stand_in: StandIn) -> None:
    first = once.enqueue(1)
    TaskRow.objects.update(state="running")
    assert once.enqueue(1).id == first.id
    assert TaskRow.objects.count() == 1


def test_a_second_one_takes_the_place_of_the_first(stand_in: StandIn) -> None:
    first = latest.enqueue("g1", note="first")
    TaskRow.objects.update(attempts=3, errors=[{"exception_class_path": "x.X", "traceback": ""}])
    start = timezone.now() + timedelta(seconds=30)
    second = latest.using(run_after=start).enqueue("g1", note="second")
    assert second.id == first.id
    row = only_row()
    assert (row.kwargs, row.attempts, row.errors, row.due_at) == ({"note": "second"}, 0, [], start)
    assert stand_in.delays()[-1] in {29, 30}
    assert process(row) == []
    assert jobs.calls == []  # the first one's message came too early for the second
    TaskRow.objects.update(due_at=row.enqueued_at)
    process(row)
    assert jobs.calls == [("g1", "second")]


def test_one_that_is_replaced_while_it_runs_runs_once_more(stand_in: StandIn) -> None:
    replaced_while_it_runs.enqueue("g1", note="first")
    process(only_row())
    row = only_row()
    assert (row.state, row.kwargs, row.again, row.attempts) == ("ready", {"note": "second"}, False, 0)
    assert stand_in.bodies()[-1] == [str(row.pk)]
    process(row)
    assert jobs.calls == ["first", "second"]
    assert (only_row().state, only_row().return_value) == ("done", "second")


def test_a_call_without_a_key_is_one_of_many(stand_in: StandIn) -> None:
    assert latest.enqueue(None).id != latest.enqueue(None).id


def test_many_with_keys_are_one_a_key(stand_in: StandIn) -> None:
    calls = [(("g1",), {"note": "a"}), ((None,), {}), (("g2",), {"note": "b"}), (("g1",), {"note": "c"}), ((None,), {})]
    results = latest.enqueue_many(calls)
    assert [result.kwargs.get("note") for result in results] == ["c", None, "b", "c", None]
    assert len({result.id for result in results}) == 4
    dropped = once.enqueue_many([((1,), {}), ((1,), {}), ((2,), {})])
    assert dropped[0].id == dropped[1].id != dropped[2].id


def test_a_rollback_frees_the_key(stand_in: StandIn) -> None:
    def enqueue_and_fail() -> None:
        with transaction.atomic():
            once.enqueue(1)
            raise LookupError

    with pytest.raises(LookupError):
        enqueue_and_fail()
    assert once.enqueue(1).enqueued_at is not None
    assert TaskRow.objects.count() == 1


def test_two_that_enqueue_the_same_key_at_once_get_one_task(stand_in: StandIn) -> None:
    def enqueue(_: int) -> str:
        try:
            return once.enqueue("same").id
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(enqueue, range(12)))) == 1
    assert TaskRow.objects.count() == 1


def test_those_of_an_order_keep_it_where_keys_are_unique(stand_in: StandIn) -> None:
    calls: list[Any] = [(("a", number if number % 3 else None), {}) for number in range(1, 8)]
    once_in_order.enqueue_many(calls)
    process(*TaskRow.objects.all())
    assert jobs.calls == [1, 2, None, 4, 5, None, 7]


@pytest.mark.parametrize("policy", [once, latest])
def test_two_that_enqueue_the_same_keys_in_different_orders_do_not_deadlock(
    stand_in: StandIn, policy: "Task[..., Any]"
) -> None:
    def enqueue(*keys: str) -> int:
        try:
            return len(policy.enqueue_many([((key,), {}) for key in keys]))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            policy.enqueue("b")
            both = [pool.submit(enqueue, *keys) for keys in ("abc", "cba")]
            time.sleep(0.3)  # each has its first row and waits for "b"
        assert [each.result(timeout=10) for each in both] == [3, 3]
    assert TaskRow.objects.count() == 3


def test_those_with_and_without_keys_are_stored_together_or_not_at_all(stand_in: StandIn) -> None:
    calls: list[Any] = [(("g1",), {}), ((None,), {})]
    with connection.execute_wrapper(_fail_second_insert()):
        latest.enqueue_many(calls)
        with pytest.raises(DatabaseError):
            latest.enqueue_many(calls)
    assert TaskRow.objects.count() == 2


def test_one_that_is_to_start_later_does_so_however_often_it_is_enqueued(stand_in: StandIn) -> None:
    tomorrow = once.using(run_after=timezone.now() + timedelta(days=1))
    tomorrow.enqueue(1)
    before = only_row()
    tomorrow.enqueue(1)
    assert stand_in.requests == []
    assert (only_row().wake_at, only_row().sends) == (before.wake_at, before.sends)


@pytest.mark.parametrize("policy", [once, latest])
def test_one_that_a_transaction_enqueues_often_is_sent_once(stand_in: StandIn, policy: "Task[..., Any]") -> None:
    with transaction.atomic():
        for _ in range(25):
            policy.enqueue("g1")
    assert stand_in.bodies() == [[str(only_row().pk)]]


def test_one_that_is_replaced_while_it_runs_is_left_alone_until_its_start(stand_in: StandIn) -> None:
    again_tomorrow.enqueue(1)
    for _ in range(3):
        process(only_row())
        let_pass(90_000, only_row())
        TaskRow.objects.update(run_after=None)
    row = only_row()
    assert (jobs.calls, len(row.worker_ids)) == ([1, 1, 1], 0)
    process(row)
    row = only_row()
    assert row.due_at is not None
    assert row.wake_at is not None
    assert row.due_at - row.wake_at == timedelta(minutes=10)


# --- order ----------------------------------------------------------------------------------------------------------
def test_positions_count_within_a_key(stand_in: StandIn) -> None:
    in_order.enqueue("a", 1)
    in_order.enqueue_many([(("b", 1), {}), (("a", 2), {}), ((None, 3), {})])
    in_order.enqueue("a", 3)
    rows = TaskRow.objects.order_by("order_key", "position").values_list("args", "position")
    places = [position for args, position in rows if args[0] == "a"]
    assert len(set(places)) == 3
    assert [args[1] for args, _ in rows if args[0] == "a"] == [1, 2, 3]
    assert [position for args, position in rows if args[0] is None] == [None]


def test_the_order_is_that_of_the_commits(stand_in: StandIn) -> None:
    """A second transaction waits with its enqueue for the first: what commits later comes later."""

    def enqueue(number: int) -> None:
        try:
            in_order.enqueue("a", number)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            in_order.enqueue("a", 1)
            second = pool.submit(enqueue, 2)
            while not _someone_waits():
                assert not second.done()
        second.result(timeout=5)
    assert [row.args[1] for row in TaskRow.objects.order_by("position")] == [1, 2]


def _someone_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])
