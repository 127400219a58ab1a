"""Tasks that wait for others: for the one before, for a place, for their time."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from serverless import context
from serverless.tasks.models import Pause, RateLimit, State, TaskRow
from serverless.tasks.upkeep import tick
from serverless.tasks.work import gates, pausing, report, worker
from serverless.tasks.work.lease import Outcome
from tests.serverless.tasks import jobs
from tests.serverless.tasks.conftest import (
    Lambda,
    Queue,
    StandIn,
    let_pass,
    only_row,
    process,
    process_within,
    unavailable,
)
from tests.serverless.tasks.policies import in_order, ten_a_minute, two_a_studio, two_in_order

pytestmark = pytest.mark.django_db(transaction=True)


def let_time_pass(seconds: float) -> None:
    let_pass(seconds, *TaskRow.objects.exclude(due_at=None))
    RateLimit.objects.update(next_at=F("next_at") - timedelta(seconds=seconds))


def rows() -> list[TaskRow]:
    return list(TaskRow.objects.order_by("pk"))


# --- order ----------------------------------------------------------------------------------------------------------
def test_a_batch_runs_in_order_whatever_the_order_of_its_messages(stand_in: StandIn) -> None:
    for number in range(4):
        in_order.enqueue("a", number)
    process(*rows()[::-1])
    assert jobs.calls == [("a", number) for number in range(4)]


def test_only_the_oldest_is_claimed_and_wakes_the_next(stand_in: StandIn) -> None:
    in_order.enqueue("a", 1)
    in_order.enqueue("b", 1)
    in_order.enqueue("a", 2)
    first, _, third = rows()
    assert process(third) == []
    assert jobs.calls == []
    process(first)
    assert jobs.calls == [("a", 1)]
    assert stand_in.bodies()[-1] == [str(third.pk)]
    process(third)
    assert jobs.calls == [("a", 1), ("a", 2)]


def test_a_retry_holds_up_those_behind_it_and_a_death_does_not(stand_in: StandIn) -> None:
    replace(in_order, max_attempts=2).enqueue("a", 1, "fail")
    in_order.enqueue("a", 2)
    TaskRow.objects.filter(args__contains=["fail"]).update(attempts=3)
    first, second = rows()
    process(first, second)
    assert jobs.calls == [("a", 1)]
    let_pass(3600, first)
    process(first)
    assert only_row(pk=first.pk).state == "dead"
    assert stand_in.bodies()[-1] == [str(second.pk)]
    process(second)
    assert jobs.calls == [("a", 1), ("a", 1), ("a", 2)]


@pytest.mark.django_db(transaction=True, databases=["default", "other"])
def test_a_wake_that_sqs_did_not_take_is_the_ticks(stand_in: StandIn) -> None:
    in_order.enqueue("a", 1)
    in_order.enqueue("a", 2)
    first, second = rows()
    process(second)
    stand_in.answers = [lambda _: (503, {})]
    process(first)
    assert only_row(pk=second.pk).sends == 0
    assert tick.run()["sent"] == 1
    process(second)
    assert jobs.calls == [("a", 1), ("a", 2)]


def test_a_crashed_one_holds_its_place(stand_in: StandIn) -> None:
    in_order.enqueue("a", 1)
    in_order.enqueue("a", 2)
    first, second = rows()
    assert gates.claim(first, seconds=60, worker="lost") is not None
    let_pass(61, first)
    process(second)
    assert jobs.calls == []
    process(first, second)  # a suspect runs on its own, after what else is due
    assert jobs.calls == [("a", 1)]
    process(second)
    assert jobs.calls == [("a", 1), ("a", 2)]


def test_two_workers_never_run_two_of_a_key(stand_in: StandIn) -> None:
    for number in range(6):
        in_order.enqueue("a", number)
    waiting = rows()

    def claim(row: TaskRow) -> bool:
        try:
            return gates.claim(row, seconds=60, worker="w") is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(claim, waiting)) == [True, False, False, False, False, False]


def test_rows_without_a_key_do_not_wait(stand_in: StandIn) -> None:
    in_order.enqueue(None, 1)
    in_order.enqueue(None, 2)
    process(rows()[1])
    assert jobs.calls == [(None, 2)]


# --- concurrency ----------------------------------------------------------------------------------------------------
def test_no_more_than_the_limit_run_at_a_time(stand_in: StandIn) -> None:
    for studio in ["s", "s", "s", "s", "t"]:
        two_a_studio.enqueue(studio)
    waiting = rows()

    def claim(row: TaskRow) -> TaskRow | None:
        try:
            return gates.claim(row, seconds=60, worker="w")
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        claimed = list(pool.map(claim, waiting))
    assert sum(row is not None for row in claimed[:4]) == 2
    assert claimed[4] is not None


def test_who_leaves_wakes_who_waits(stand_in: StandIn) -> None:
    for _ in range(3):
        two_a_studio.enqueue("s")
    first, second, third = rows()
    for row in (first, second):
        assert gates.claim(row, seconds=60, worker="elsewhere") is not None
    assert process(third) == []
    assert jobs.calls == []
    let_pass(61, first)
    process(first)  # as a suspect
    assert jobs.calls == ["s"]
    assert stand_in.bodies()[-1] == [str(third.pk)]
    process(third)
    assert jobs.calls == ["s", "s"]


def test_a_batch_goes_on_with_the_next_as_soon_as_one_is_done(stand_in: StandIn) -> None:
    for _ in range(5):
        two_a_studio.enqueue("s")
    process(*rows())
    assert len(jobs.calls) == 5


def test_a_wake_under_way_leaves_no_place_empty(stand_in: StandIn) -> None:
    for _ in range(4):
        two_a_studio.enqueue("s")
    first, second, third, fourth = rows()
    running = [gates.claim(row, seconds=60, worker="elsewhere") for row in (first, second)]
    for row in running:
        assert row is not None
        worker.run(row)  # both end before a message of theirs has arrived
    woken = {body for bodies in stand_in.bodies()[4:] for body in bodies}
    assert woken == {str(third.pk), str(fourth.pk)}


def test_a_place_goes_to_none_that_waits_for_another(stand_in: StandIn) -> None:
    for album in ("a", "b", "a", "c"):
        two_in_order.enqueue(album)
    first, second, _, fourth = rows()
    assert gates.claim(first, seconds=60, worker="elsewhere") is not None
    process(second)
    assert stand_in.bodies()[-1] == [str(fourth.pk)]


def test_a_place_goes_to_none_that_is_paused(stand_in: StandIn) -> None:
    for _ in range(3):
        two_a_studio.enqueue("s")
    first, second, third = rows()
    TaskRow.objects.filter(pk=second.pk).update(queue="slow")
    Pause.objects.create(name="slow")
    process(first)
    assert stand_in.bodies()[-1] == [str(third.pk)]


def test_one_that_comes_while_another_ends_is_woken(stand_in: StandIn) -> None:
    """It looks before the other's end is committed, and the other looked before it was there."""
    in_order.enqueue("a", 1)
    first = rows()[0]
    claimed = gates.claim(first, seconds=60, worker="elsewhere")
    assert claimed is not None

    def come() -> TaskRow | None:
        try:
            in_order.enqueue("a", 2)
            return gates.claim(rows()[1], seconds=60, worker="w")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            report.write(claimed, Outcome(state=State.DONE, attempts=0))
            second = pool.submit(come)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.5)
        assert second.result(timeout=5) is not None


# --- rate -----------------------------------------------------------------------------------------------------------
def test_a_rate_spreads_the_starts(stand_in: StandIn) -> None:
    for number in range(4):
        ten_a_minute.enqueue(number)
    process(*rows())
    assert jobs.calls == [0]
    due = [row.due_at - row.enqueued_at for row in rows()[1:] if row.due_at is not None]
    assert [round(wait.total_seconds() / 6) for wait in due] == [1, 2, 3]
    assert sorted(stand_in.delays()[-3:]) == [6, 12, 18]
    process(*rows())  # a message too early changes nothing
    assert jobs.calls == [0]
    assert stand_in.delays()[-3:] == [6, 12, 18]


def test_a_place_in_the_rate_is_kept(stand_in: StandIn) -> None:
    ten_a_minute.enqueue(1)
    ten_a_minute.enqueue(2)
    _, second = rows()
    process(*rows())
    let_time_pass(7)
    ten_a_minute.enqueue(3)
    process(rows()[2])  # comes between, and gets a place behind
    assert jobs.calls == [1]
    process(second)
    assert jobs.calls == [1, 2]
    assert stand_in.delays()[-1] == 5


def test_places_that_have_passed_are_given_anew(stand_in: StandIn) -> None:
    """After a pause, or an hour without workers, what waited does not start at once."""
    for number in range(4):
        ten_a_minute.enqueue(number)
    process(*rows())
    let_time_pass(3600)
    process(*rows())
    assert jobs.calls == [0, 1]
    assert sorted(stand_in.delays()[-2:]) == [6, 12]


def test_a_start_may_be_early_by_what_sqs_rounds(stand_in: StandIn) -> None:
    for number in range(3):
        ten_a_minute.enqueue(number)
    process(*rows())
    let_time_pass(4.5)
    TaskRow.objects.filter(state="ready").update(due_at=Now())
    process(rows()[1])
    assert jobs.calls == [0, 1]
    process(rows()[2])  # six seconds after the time that the one before had, not after its start
    assert jobs.calls == [0, 1]


def test_a_queue_in_which_messages_wait_holds_nothing_up(stand_in: StandIn) -> None:
    """Where each comes minutes after its place in the rate, tasks still start, one an interval."""
    for number in range(30):
        ten_a_minute.enqueue(number)
    process(*rows())
    let_time_pass(70)
    for row in rows()[1:4]:
        let_time_pass(6)
        process(row)
    assert jobs.calls == [0, 1, 2, 3]


def test_what_no_longer_fits_is_sent_again(stand_in: StandIn) -> None:
    for number in range(3):
        in_order.enqueue("a", number)
    first, *others = rows()
    slow = replace(in_order)
    assert slow.ordered_by is not None
    process_within(1.0, *rows())  # the first always runs, then less than the reserve is left
    assert jobs.calls == [("a", 0)]
    assert only_row(pk=first.pk).state == "done"
    assert {str(row.pk) for row in others} <= {body for bodies in stand_in.bodies()[-2:] for body in bodies}


def test_what_no_longer_fits_keeps_its_message_where_sqs_takes_no_other(stand_in: StandIn) -> None:
    for number in range(3):
        in_order.enqueue("a", number)
    stand_in.answers = [unavailable, unavailable]
    with context.invocation(Lambda(seconds=1.0)):
        assert process(*rows()) == ["m1", "m2"]
    assert jobs.calls == [("a", 0)]


def test_through_a_real_queue(real_queue: Queue) -> None:
    for number in range(12):
        in_order.enqueue("a", number)
    while not all(state == "done" for state in TaskRow.objects.values_list("state", flat=True)):
        real_queue.drain()
    assert jobs.calls == [("a", number) for number in range(12)]


def test_a_pause_holds_for_one_whose_turn_comes(stand_in: StandIn) -> None:
    in_order.enqueue("a", 1)
    (waiting,) = gates.held([row.pk for row in rows()], database="default")
    pausing.pause("default", database="default")
    assert gates.claim(waiting, seconds=60, worker="w") is None
