import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from serverless.tasks.exceptions import WorkerLost
from serverless.tasks.models import TaskRow
from serverless.tasks.retries import MAX_ATTEMPTS
from tests.serverless.tasks import jobs
from tests.serverless.tasks.conftest import (
    Queue,
    StandIn,
    event_for,
    let_pass,
    only_row,
    process,
    process_within,
    unavailable,
)
from tests.serverless.tasks.jobs import add, crash, kill, sleep
from tests.serverless.tasks.policies import latest
from tests.serverless.tasks.run import run_python

pytestmark = pytest.mark.django_db(transaction=True)


def in_order() -> list[TaskRow]:
    return list(TaskRow.objects.order_by("pk"))


def process_and_crash(*rows: TaskRow) -> None:
    with pytest.raises(KeyboardInterrupt):
        process(*rows)


def test_a_killed_worker_is_replaced_by_the_next(real_queue: Queue) -> None:
    add.enqueue(1)
    kill.enqueue()
    add.enqueue(2)
    event = event_for(*in_order())
    done = run_python(f"from serverless.tasks.work import batch\nbatch.process({event!r})")
    assert done.returncode == -9
    first, killer, innocent = in_order()
    assert [row.state for row in (first, killer, innocent)] == ["done", "running", "running"]

    assert process(killer, innocent) == []  # still under lease
    assert jobs.calls == []
    let_pass(901, killer, innocent)
    assert process(innocent) == []
    assert only_row(pk=innocent.pk).return_value == 2
    assert only_row(pk=innocent.pk).attempts == 0
    assert only_row(pk=innocent.pk).lease == 2


def test_a_suspect_runs_after_the_others_and_is_charged_only_when_alone(stand_in: StandIn) -> None:
    crash.enqueue()
    process_and_crash(*in_order())
    let_pass(901, *in_order())
    suspect = only_row()
    add.enqueue(1)
    jobs.calls.clear()
    process_and_crash(*in_order())
    assert jobs.calls == [(1, 0), "crash"]
    assert only_row(pk=suspect.pk).attempts == 0
    assert only_row(pk=suspect.pk).alone
    assert TaskRow.objects.exclude(pk=suspect.pk).get().state == "done"


def test_one_suspect_a_batch_the_others_get_new_messages(stand_in: StandIn) -> None:
    crash.enqueue()
    add.enqueue(1)
    add.enqueue(2)
    process_and_crash(*in_order())
    let_pass(901, *in_order())
    stand_in.requests.clear()
    process_and_crash(*in_order())
    # Sent before the suspect ran.
    assert stand_in.bodies() == [[str(row.pk) for row in in_order()[1:]]]
    assert jobs.calls == ["crash", "crash"]
    for row in in_order()[1:]:
        assert process(row) == []
    assert [(row.state, row.attempts) for row in in_order()] == [("running", 0), ("done", 0), ("done", 0)]


def test_a_task_that_crashes_every_worker_ends_dead(stand_in: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    result = crash.enqueue()
    for _ in range(1 + MAX_ATTEMPTS):  # the first lease is no lone one
        process_and_crash(only_row())
        let_pass(901, only_row())
    assert process(only_row()) == []
    assert jobs.calls == ["crash"] * (1 + MAX_ATTEMPTS)
    result.refresh()
    assert (result.status, only_row().attempts) == ("FAILED", MAX_ATTEMPTS)
    assert [error.exception_class for error in result.errors] == [WorkerLost] * MAX_ATTEMPTS
    assert "task is dead" in caplog.text


def test_suspects_that_cannot_be_sent_keep_their_messages(stand_in: StandIn) -> None:
    """Answered as a success, they would wait for their next time to be sent: up to an hour."""
    for _ in range(3):
        crash.enqueue()
    process_and_crash(*in_order())
    let_pass(901, *in_order())
    TaskRow.objects.update(path="tests.serverless.tasks.jobs.add", args=[1])
    stand_in.answers = [unavailable]
    assert process(*in_order()) == ["m1", "m2"]
    assert [row.state for row in in_order()] == ["done", "running", "running"]


def test_a_suspect_that_finishes_is_done(stand_in: StandIn) -> None:
    add.enqueue(1)
    row = only_row()
    TaskRow.objects.update(state="running", lease=1)
    assert process(row) == []
    assert (only_row().state, only_row().lease, only_row().attempts) == ("done", 2, 0)


def test_rows_that_no_longer_fit_are_given_back(stand_in: StandIn) -> None:
    sleep.enqueue(0.2)
    add.enqueue(1)
    add.enqueue(2)
    stand_in.requests.clear()
    assert process_within(5.1, *in_order()) == []
    slept, *others = in_order()
    assert slept.state == "done"
    assert [(row.state, row.attempts, row.worker_ids) for row in others] == [("ready", 0, [])] * 2
    assert stand_in.bodies() == [[str(row.pk) for row in others]]
    assert process(*others) == []
    assert jobs.calls == [0.2, (1, 0), (2, 0)]


def test_one_that_was_replaced_before_it_began_has_the_start_of_what_replaced_it(stand_in: StandIn) -> None:
    sleep.enqueue(0.2)
    latest.enqueue("g1", note="old")
    soon = timezone.now() + timedelta(minutes=5)

    def replace() -> None:
        latest.using(run_after=soon).enqueue("g1", note="new")
        connections.close_all()

    replacing = threading.Timer(0.1, replace)
    replacing.start()
    process_within(5.1, *in_order())
    replacing.join()
    row = in_order()[1]
    assert (row.state, row.kwargs, row.due_at) == ("ready", {"note": "new"}, soon)
    assert 299 <= stand_in.delays()[-1] <= 300


def test_the_first_row_runs_however_little_time_there_is(stand_in: StandIn) -> None:
    add.enqueue(1)
    assert process_within(1, *in_order()) == []
    assert only_row().state == "done"


def test_rows_given_back_without_a_message_are_left_to_the_tick(stand_in: StandIn) -> None:
    sleep.enqueue(0.2)
    add.enqueue(1)
    stand_in.answers = [unavailable]
    assert process_within(5.1, *in_order()) == []
    row = in_order()[1]
    assert row.sends == 0
    assert row.wake_at == row.due_at


def test_the_lease_outlives_the_function_by_ten_seconds(stand_in: StandIn) -> None:
    crash.enqueue()
    with pytest.raises(KeyboardInterrupt):
        process_within(30, only_row())
    row = only_row()
    assert row.due_at is not None
    assert row.last_attempted_at is not None
    assert (row.due_at - row.last_attempted_at).total_seconds() == pytest.approx(40, abs=1)
    assert row.worker_ids == ["request-1"]


def test_a_suspect_waits_for_an_invocation_with_time_for_it(stand_in: StandIn) -> None:
    crash.enqueue()
    process_and_crash(only_row())
    let_pass(901, only_row())
    suspect = only_row()
    sleep.enqueue(0.3)
    stand_in.requests.clear()
    assert process_within(0.5, *in_order()) == []
    assert jobs.calls == ["crash", 0.3]
    assert only_row(pk=suspect.pk).lease == 1
    assert stand_in.bodies() == [[str(suspect.pk)]]
