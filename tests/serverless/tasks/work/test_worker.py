import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection
from django.db.models import F
from django.dispatch import Signal
from django.tasks.signals import task_finished, task_started

from serverless.tasks.backend import SQSBackend
from serverless.tasks.exceptions import UnknownTask, UnstorableValue
from serverless.tasks.models import TaskRow
from serverless.tasks.retries import MAX_ATTEMPTS, Retries
from serverless.tasks.work import lease, worker
from tests.serverless.tasks import jobs
from tests.serverless.tasks.conftest import BACKEND, StandIn, let_pass, only_row, process, unavailable
from tests.serverless.tasks.jobs import add, attempt, fail, give, later, leave

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = 3600


@pytest.fixture
def heard() -> Iterator[list[tuple[str, str, str]]]:
    """Signals of the test: which, of which task, with which status."""
    signals: list[tuple[str, str, str]] = []

    def listen(name: str) -> Any:
        def receiver(sender: type, task_result: Any, **_: object) -> None:
            assert sender is SQSBackend
            signals.append((name, task_result.task.name, str(task_result.status)))

        return receiver

    receivers: list[tuple[Signal, Any]] = [(task_started, listen("started")), (task_finished, listen("finished"))]
    for signal, receiver in receivers:
        signal.connect(receiver)
    yield signals
    for signal, receiver in receivers:
        signal.disconnect(receiver)


def seconds_until_due() -> float:
    (wait,) = TaskRow.objects.values_list(F("due_at") - F("last_attempted_at"), flat=True)
    assert isinstance(wait, timedelta)
    return wait.total_seconds()


def try_again() -> TaskRow:
    """Let the back-off pass and deliver the next message."""
    let_pass(HOUR, only_row())
    assert process(only_row()) == []
    return only_row()


def test_a_failure_is_retried_by_a_new_message(stand_in: StandIn) -> None:
    result = fail.enqueue("no such photo")
    assert process(only_row()) == []
    result.refresh()
    assert (result.status, result.is_finished) == ("READY", False)
    assert result.errors[0].exception_class is LookupError
    assert "LookupError: no such photo" in result.errors[0].traceback
    assert len(stand_in.requests) == 2
    delay = stand_in.delays()[1]
    assert 15 <= delay <= 31
    assert delay - 1 <= seconds_until_due() <= delay + 1
    row = only_row()
    assert row.due_at is not None
    assert row.wake_at is not None
    assert row.wake_at > row.due_at  # sent: the tick looks after it later


def test_a_retry_that_cannot_be_sent_wakes_when_it_is_due(stand_in: StandIn) -> None:
    fail.enqueue()
    stand_in.answers = [unavailable]
    assert process(only_row()) == []
    assert only_row().wake_at == only_row().due_at


def test_a_task_whose_attempts_are_spent_is_dead(
    stand_in: StandIn, heard: list[tuple[str, str, str]], caplog: pytest.LogCaptureFixture
) -> None:
    result = fail.enqueue("secret argument")
    for _ in range(MAX_ATTEMPTS):
        try_again()
    row = only_row()
    assert (row.state, row.attempts, len(row.errors), row.wake_at) == ("dead", MAX_ATTEMPTS, MAX_ATTEMPTS, None)
    result.refresh()
    assert (result.status, result.attempts) == ("FAILED", MAX_ATTEMPTS)
    with pytest.raises(ValueError, match="Task failed"):
        _ = result.return_value
    assert heard.count(("finished", "fail", "FAILED")) == 1
    assert heard.count(("started", "fail", "RUNNING")) == MAX_ATTEMPTS
    assert process(row) == []
    assert len(jobs.calls) == MAX_ATTEMPTS
    assert "task is dead" in caplog.text
    assert "secret argument" not in caplog.text


def test_the_back_off_doubles_up_to_what_sqs_can_delay() -> None:
    for attempts, longest in [(1, 30), (2, 60), (3, 120), (4, 240), (6, 900), (50, 900)]:
        waits = {Retries().wait(attempts) for _ in range(50)}
        assert longest / 2 <= min(waits) < max(waits) <= longest


def test_sys_exit_is_the_failure_of_its_task(stand_in: StandIn) -> None:
    result = leave.enqueue()
    assert process(only_row()) == []
    result.refresh()
    assert result.errors[0].exception_class is SystemExit


@pytest.mark.parametrize("kind", ["nul", "nan", "object"])
def test_a_value_that_cannot_be_stored_is_a_failure(stand_in: StandIn, kind: str) -> None:
    result = give.enqueue(kind)
    assert process(only_row()) == []
    result.refresh()
    assert (result.status, result.errors[0].exception_class) == ("READY", UnstorableValue)


def test_a_coroutine_is_run(stand_in: StandIn) -> None:
    later.enqueue(21)
    process(only_row())
    assert only_row().return_value == 42


def test_the_context_counts_the_attempts(stand_in: StandIn) -> None:
    attempt.enqueue("x")
    TaskRow.objects.update(worker_ids=["earlier"])
    process(only_row())
    value = only_row().return_value
    assert value is not None
    assert value[:2] == ["x", 2]


def test_signals_follow_the_task(stand_in: StandIn, heard: list[tuple[str, str, str]]) -> None:
    add.enqueue(1)
    process(only_row())
    assert heard == [("started", "add", "RUNNING"), ("finished", "add", "SUCCESSFUL")]


def test_a_receiver_that_fails_undoes_nothing(stand_in: StandIn) -> None:
    def broken(**_: object) -> None:
        raise ImproperlyConfigured

    task_finished.connect(broken)
    try:
        add.enqueue(1)
        assert process(only_row()) == []
    finally:
        task_finished.disconnect(broken)
    assert only_row().state == "done"


def test_a_worker_that_lost_its_lease_says_nothing(
    stand_in: StandIn, heard: list[tuple[str, str, str]], caplog: pytest.LogCaptureFixture
) -> None:
    add.enqueue(1)
    (frozen,) = lease.claim([only_row().pk], database="default", seconds=60, worker="frozen")
    let_pass(61, frozen)
    assert process(frozen) == []  # the second worker wins
    heard.clear()
    with caplog.at_level(logging.WARNING):
        worker.run(frozen)
    assert "lease lost" in caplog.text
    assert [name for name, *_ in heard] == ["started"]
    assert (only_row().state, only_row().lease) == ("done", 2)


def test_an_outcome_whose_confirmation_got_lost_is_told_once(
    stand_in: StandIn, heard: list[tuple[str, str, str]]
) -> None:
    add.enqueue(1)
    lost: list[str] = []

    def lose_the_reply(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        result = execute(sql, params, many, context)
        if "finished_at = CASE" in sql and not lost:
            lost.append(sql)
            raise OperationalError("the connection is lost")
        return result

    with connection.execute_wrapper(lose_the_reply):
        assert process(only_row()) == []
    assert lost
    assert heard == [("started", "add", "RUNNING"), ("finished", "add", "SUCCESSFUL")]


@pytest.mark.parametrize(
    "path", ["tests.serverless.tasks.jobs.gone", "no_such_module.add", "os.getcwd", "add", "tests.serverless.tasks.run"]
)
def test_an_unknown_task_waits_and_counts_no_attempt_for_an_hour(stand_in: StandIn, path: str) -> None:
    add.enqueue(1)
    TaskRow.objects.update(path=path)
    assert process(only_row()) == []
    row = only_row()
    assert (row.state, row.attempts, row.errors, row.worker_ids) == ("ready", 0, [], [])
    assert seconds_until_due() == pytest.approx(60, abs=1)

    TaskRow.objects.update(path="tests.serverless.tasks.jobs.add")  # the release that has it
    assert try_again().return_value == 1


def test_a_task_that_stays_unknown_ends_dead(stand_in: StandIn) -> None:
    add.enqueue(1)
    TaskRow.objects.update(path="tests.serverless.tasks.jobs.gone")
    process(only_row())
    for expected in range(1, MAX_ATTEMPTS + 1):
        assert try_again().attempts == expected
    row = only_row()
    assert (row.state, row.worker_ids) == ("dead", [])
    assert {error["exception_class_path"] for error in row.errors} == {
        f"{UnknownTask.__module__}.{UnknownTask.__qualname__}"
    }


def test_a_module_that_cannot_be_imported_is_an_unknown_task(stand_in: StandIn) -> None:
    add.enqueue(1)
    TaskRow.objects.update(path="tests.serverless.tasks.broken.task")
    assert process(only_row()) == []
    assert (only_row().state, only_row().attempts) == ("ready", 0)


def test_a_backend_that_is_gone_makes_its_tasks_unknown(stand_in: StandIn) -> None:
    add.enqueue(1)
    TaskRow.objects.update(backend="gone")
    assert process(only_row()) == []
    assert (only_row().state, only_row().attempts) == ("ready", 0)


def test_the_dotted_path_of_the_backend_is_the_documented_one() -> None:
    assert f"{SQSBackend.__module__}.{SQSBackend.__qualname__}" == BACKEND


def test_a_language_that_a_task_activates_is_not_the_next_ones(stand_in: StandIn) -> None:
    for _ in range(2):
        jobs.speak.enqueue("de")
    assert process(*TaskRow.objects.all()) == []
    assert set(TaskRow.objects.values_list("return_value", flat=True)) == {settings.LANGUAGE_CODE}
