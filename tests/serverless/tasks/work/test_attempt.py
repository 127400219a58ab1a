"""What a task's policy makes of a run."""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.utils import timezone

from serverless import context
from serverless.deadline import Deadline
from serverless.tasks import RetryAfter
from serverless.tasks.models import TaskRow
from serverless.tasks.work import batch
from tests.serverless.tasks import jobs
from tests.serverless.tasks.conftest import Lambda, StandIn, event_for, let_pass, only_row, process, process_within
from tests.serverless.tasks.policies import (
    catches_its_commit,
    catches_its_end,
    effects,
    endless,
    endless_coroutine,
    gives_up_on_databases,
    hopeless,
    once,
    only_network,
    own_timeout,
    patient,
    plus,
    reaches_nobody,
    reaches_nobody_once,
    reaches_nobody_once_for_all,
    told,
    told_when,
    twice,
    write,
    write_at_the_end,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def deadline() -> Iterator[Deadline]:
    made = Deadline()
    yield made
    made.close()


def run(deadline: Deadline, *rows: TaskRow) -> None:
    assert batch.process(event_for(*rows), deadline=deadline) == {"batchItemFailures": []}


def errors(row: TaskRow) -> list[str]:
    return [error["exception_class_path"] for error in row.errors]


# --- failures -------------------------------------------------------------------------------------------------------
def test_a_task_has_its_own_number_of_attempts_and_wait(stand_in: StandIn) -> None:
    twice.enqueue()
    process(only_row())
    row = only_row()
    assert (row.state, row.attempts) == ("ready", 1)
    assert row.due_at is not None
    assert row.last_attempted_at is not None
    assert 3.5 <= (row.due_at - row.last_attempted_at).total_seconds() <= 7.5
    assert stand_in.delays()[-1] in range(4, 8)
    let_pass(8, row)
    process(row)
    assert (only_row().state, only_row().attempts) == ("dead", 2)


@pytest.mark.parametrize(("text", "state"), [("key", "dead"), ("value", "ready")])
def test_what_a_task_gives_up_on_makes_it_dead_at_once(stand_in: StandIn, text: str, state: str) -> None:
    hopeless.enqueue(text)
    process(only_row())
    assert (only_row().state, only_row().attempts) == (state, 1)


@pytest.mark.parametrize(("text", "state"), [("os", "ready"), ("value", "dead")])
def test_where_some_exceptions_are_retried_others_are_not(stand_in: StandIn, text: str, state: str) -> None:
    only_network.enqueue(text)
    process(only_row())
    assert (only_row().state, only_row().attempts) == (state, 1)


def test_a_task_says_when_it_is_to_run_again(stand_in: StandIn) -> None:
    told_when.enqueue(77)
    process(only_row())
    row = only_row()
    assert (row.state, row.attempts, errors(row)) == ("ready", 1, ["serverless.tasks.exceptions.RetryAfter"])
    assert stand_in.delays()[-1] == 77
    for _ in range(4):
        let_pass(100, row)
        process(row)
    assert only_row().state == "dead"  # it counts as an attempt


@pytest.mark.parametrize(
    ("seconds", "kept"), [(-5, 0), (float("nan"), 0), (float("inf"), 365 * 86_400), (1e12, 365 * 86_400)]
)
def test_a_strange_time_is_bounded(seconds: float, kept: float) -> None:
    assert RetryAfter(seconds).seconds == kept


def test_a_task_that_comes_too_late_is_not_run(stand_in: StandIn) -> None:
    replace(plus, expires_after=timedelta(seconds=60)).enqueue(1, 2)
    row = only_row()
    assert row.expires_at == row.enqueued_at + timedelta(seconds=60)
    TaskRow.objects.update(expires_at=row.enqueued_at)
    process(row)
    row = only_row()
    assert (row.state, errors(row)) == ("dead", ["serverless.tasks.exceptions.Expired"])
    assert (row.worker_ids, row.return_value) == ([], None)  # nothing ran


def test_one_whose_time_ends_behind_others_of_its_batch_is_not_run(stand_in: StandIn) -> None:
    jobs.sleep.enqueue(0.4)
    replace(plus, expires_after=timedelta(seconds=0.3)).enqueue(1, 2)
    process(*TaskRow.objects.all())
    behind = only_row(path=plus.module_path)
    assert behind.last_attempted_at is not None
    assert behind.expires_at is not None
    assert behind.last_attempted_at < behind.expires_at  # it was claimed in time
    assert (behind.state, errors(behind)) == ("dead", ["serverless.tasks.exceptions.Expired"])


def test_a_claim_that_waited_for_its_connection_has_not_used_up_the_tasks_time(stand_in: StandIn) -> None:
    def wait(execute: Any, sql: str, *rest: Any) -> Any:
        if "SET state = 'running'" in sql:
            time.sleep(0.6)
        return execute(sql, *rest)

    replace(plus, expires_after=timedelta(seconds=1)).enqueue(1, 2)
    with connections["default"].execute_wrapper(wait):
        process(only_row())
    assert (only_row().state, only_row().return_value) == ("done", 3)


def test_expiry_counts_from_the_start_that_was_asked_for(stand_in: StandIn) -> None:
    start = timezone.now() + timedelta(hours=1)
    replace(plus, expires_after=timedelta(minutes=5)).using(run_after=start).enqueue(1, 2)
    assert only_row().expires_at == start + timedelta(minutes=5)


# --- one transaction ------------------------------------------------------------------------------------------------
def test_an_atomic_task_commits_effect_and_outcome_together(stand_in: StandIn) -> None:
    write.enqueue("anna")
    process(only_row())
    assert (only_row().state, only_row().return_value, effects()) == ("done", "anna", ["anna"])


def test_what_an_atomic_task_wrote_goes_with_its_failure(stand_in: StandIn) -> None:
    write.enqueue("anna", then="fail")
    process(only_row())
    assert (only_row().state, only_row().attempts, effects()) == ("ready", 1, [])


def test_what_an_atomic_task_wrote_goes_with_its_lease(stand_in: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    write.enqueue("anna", then="lose")
    with caplog.at_level(logging.WARNING):
        process(only_row())
    assert (only_row().state, effects()) == ("running", [])
    assert "lease lost" in caplog.text


def test_what_an_atomic_task_enqueues_leaves_with_its_commit(stand_in: StandIn) -> None:
    write.enqueue("anna", then="follow")
    process(only_row())
    parent, child = TaskRow.objects.order_by("pk")
    assert (parent.state, child.state, child.sends) == ("done", "ready", 1)
    assert stand_in.bodies()[-1] == [str(child.pk)]


def test_a_commit_whose_reply_is_lost_is_looked_up(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commit took effect, though the connection broke before its reply: neither a failure nor a second effect."""
    write.enqueue("anna")
    wrapper = type(connections["default"])
    commit = wrapper.commit
    lost: list[bool] = []

    def lose(self: Any) -> None:
        commit(self)
        if not lost:
            lost.append(True)
            raise OperationalError("the reply is lost")

    monkeypatch.setattr(wrapper, "commit", lose)
    process(only_row())
    assert lost
    assert (only_row().state, only_row().attempts, effects()) == ("done", 0, ["anna"])


def test_a_connection_that_breaks_before_the_commit_is_a_failure(stand_in: StandIn) -> None:
    write.enqueue("anna", then="break")
    process(only_row())
    assert (only_row().state, only_row().attempts, effects()) == ("ready", 1, [])


@pytest.mark.parametrize(
    ("task", "state", "attempts"),
    [
        (reaches_nobody, "ready", 0),
        (reaches_nobody_once, "dead", 1),
        (reaches_nobody_once_for_all, "ready", 0),
        (gives_up_on_databases, "dead", 1),
    ],
)
def test_a_database_that_is_away_costs_no_attempt_where_the_task_bears_being_repeated(
    stand_in: StandIn, task: Any, state: str, attempts: int
) -> None:
    task.enqueue()
    process(only_row())
    row = only_row()
    assert (row.state, row.attempts, effects(), jobs.calls) == (state, attempts, [], ["tried"])
    if state == "ready":
        assert row.due_at is not None
        assert timedelta(seconds=10) < row.due_at - timezone.now() < timedelta(seconds=31)


def test_after_an_hour_it_does(stand_in: StandIn) -> None:
    reaches_nobody.enqueue()
    process(only_row())
    let_pass(3601, only_row())
    process(only_row())
    assert (only_row().state, only_row().attempts) == ("ready", 1)


def test_finish_commits_the_block_and_the_outcome(stand_in: StandIn) -> None:
    write_at_the_end.enqueue("anna")
    process(only_row())
    assert (only_row().state, only_row().return_value, effects()) == ("done", {"name": "anna"}, ["anna"])


def test_finish_is_rolled_back_with_the_lease(stand_in: StandIn) -> None:
    write_at_the_end.enqueue("anna", then="lose")
    process(only_row())
    assert (only_row().state, effects()) == ("running", [])


def test_finish_is_rolled_back_with_its_failure(stand_in: StandIn) -> None:
    write_at_the_end.enqueue("anna", then="fail inside")
    process(only_row())
    assert (only_row().state, only_row().attempts, effects()) == ("ready", 1, [])


def test_a_finish_whose_commit_fails_is_none(stand_in: StandIn) -> None:
    """Though the task caught the error: what it returns is its value, as if it had not opened one."""
    catches_its_commit.enqueue()
    process(only_row())
    assert (only_row().state, only_row().return_value) == ("done", "not written")


def test_what_is_raised_after_the_finish_undoes_nothing(stand_in: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    write_at_the_end.enqueue("anna", then="fail after")
    with caplog.at_level(logging.WARNING):
        process(only_row())
    assert (only_row().state, only_row().attempts, effects()) == ("done", 0, ["anna"])
    assert "raised after its success" in caplog.text


def test_an_atomic_task_takes_three_round_trips(
    stand_in: StandIn, django_assert_num_queries: Callable[..., Any]
) -> None:
    write.enqueue("anna")
    row = only_row()
    with django_assert_num_queries(5):  # claim; BEGIN, effect, report, COMMIT
        process(row)


# --- time -----------------------------------------------------------------------------------------------------------
def test_a_task_is_interrupted_at_its_timeout(stand_in: StandIn, deadline: Deadline) -> None:
    endless.enqueue()
    run(deadline, only_row())
    row = only_row()
    assert (row.state, row.attempts, errors(row)) == ("ready", 1, ["serverless.deadline.DeadlineExceeded"])
    assert jobs.calls == ["began"]


def test_a_coroutine_is_cancelled_at_its_timeout(stand_in: StandIn) -> None:
    endless_coroutine.enqueue()
    process(only_row())
    assert (only_row().attempts, errors(only_row())) == (1, ["serverless.deadline.DeadlineExceeded"])
    assert jobs.calls == ["cancelled"]


def test_a_timeout_error_of_its_own_is_that(stand_in: StandIn) -> None:
    own_timeout.enqueue()
    process(only_row())
    assert errors(only_row()) == ["builtins.TimeoutError"]


def test_a_task_may_catch_its_end(stand_in: StandIn, deadline: Deadline) -> None:
    catches_its_end.enqueue()
    run(deadline, only_row())
    assert (only_row().state, only_row().return_value) == ("done", "had time to tidy")


def test_the_functions_end_interrupts_a_task_without_a_timeout(stand_in: StandIn, deadline: Deadline) -> None:
    patient.enqueue()
    with context.invocation(Lambda(seconds=0.6)):
        run(deadline, only_row())
    assert (only_row().state, only_row().attempts) == ("ready", 1)


def test_a_task_that_had_the_rest_of_anothers_time_is_not_charged(stand_in: StandIn, deadline: Deadline) -> None:
    patient.enqueue()
    with context.invocation(Lambda(seconds=0.6)) as invocation:
        token = context._current.set(replace(invocation, began=invocation.began - 60))  # what others took
        run(deadline, only_row())
        context._current.reset(token)
    assert (only_row().state, only_row().attempts, only_row().errors) == ("ready", 0, [])
    assert only_row().sends == 1  # its next message is on the way


def test_a_task_sees_how_long_it_may_run(stand_in: StandIn) -> None:
    told.enqueue()
    assert process_within(60, only_row()) == []
    assert only_row().return_value == pytest.approx(55, abs=2)
    once.enqueue()
    told.enqueue()
    process(*TaskRow.objects.filter(state="ready"))
    assert TaskRow.objects.order_by("-pk")[0].return_value is None
