import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
from django.db import connections, transaction
from django.db.models import F
from django.tasks import TaskResult
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks, Settings

from serverless.tasks.exceptions import WrongDatabase
from serverless.tasks.models import TaskRow
from serverless.tasks.produce.outbox import Wake, send
from serverless.tasks.work import lease
from tests.serverless.tasks.conftest import Answer, Queue, StandIn, hang_up, only_row, refuse, unavailable
from tests.serverless.tasks.jobs import add
from tests.serverless.tasks.routers import chosen

pytestmark = pytest.mark.django_db(transaction=True)


def enqueue(number: int) -> str:
    return row_id(add.enqueue(number))


def row_id(result: "TaskResult[[int, int], int]") -> str:
    return result.id.rpartition(":")[2]


@contextmanager
def rolled_back() -> Iterator[None]:
    with suppress(ZeroDivisionError), transaction.atomic():
        yield
        raise ZeroDivisionError


def seconds_until_wake(row: TaskRow) -> float:
    (wait,) = TaskRow.objects.filter(pk=row.pk).values_list(F("wake_at") - F("enqueued_at"), flat=True)
    assert isinstance(wait, timedelta)
    return wait.total_seconds()


def test_a_message_is_sent_after_the_commit(real_queue: Queue) -> None:
    with transaction.atomic():
        sent = enqueue(1)
        assert real_queue.receive() == []
    assert real_queue.receive() == [{"task": sent, "database": "default"}]


def test_outside_a_transaction_it_is_sent_at_once(stand_in: StandIn) -> None:
    assert stand_in.bodies() == []
    sent = enqueue(1)
    assert stand_in.bodies() == [[sent]]


def test_a_rolled_back_task_is_not_sent(stand_in: StandIn) -> None:
    with rolled_back():
        enqueue(1)
    assert stand_in.requests == []
    assert not TaskRow.objects.exists()
    sent = enqueue(2)
    assert stand_in.bodies() == [[sent]]


def test_a_rolled_back_savepoint_takes_only_its_own_tasks(stand_in: StandIn) -> None:
    with transaction.atomic():
        sent = [enqueue(1)]
        with rolled_back():
            enqueue(2)
            with transaction.atomic():
                enqueue(3)
        with transaction.atomic():
            sent.append(enqueue(4))
            with transaction.atomic():
                sent.append(enqueue(5))
    assert stand_in.bodies() == [sent]
    assert {str(pk) for pk in TaskRow.objects.values_list("pk", flat=True)} == set(sent)


def test_a_savepoint_rolled_back_last_leaves_the_others(stand_in: StandIn) -> None:
    with transaction.atomic():
        sent = enqueue(1)
        with rolled_back():
            enqueue(2)
    assert stand_in.bodies() == [[sent]]


def test_only_a_savepoint_that_is_rolled_back_sends_nothing(stand_in: StandIn) -> None:
    with transaction.atomic(), rolled_back():
        enqueue(1)
    assert stand_in.requests == []


@pytest.mark.parametrize(("tasks", "requests"), [(10, [10]), (11, [10, 1]), (25, [10, 10, 5])])
def test_one_request_carries_ten(stand_in: StandIn, tasks: int, requests: list[int]) -> None:
    with transaction.atomic():
        sent = [enqueue(number) for number in range(tasks)]
    assert [len(bodies) for bodies in stand_in.bodies()] == requests
    assert [body for bodies in stand_in.bodies() for body in bodies] == sent


def test_other_hooks_run_as_before(stand_in: StandIn) -> None:
    ran: list[str] = []
    with transaction.atomic():
        transaction.on_commit(lambda: ran.append("before"))
        enqueue(1)
        transaction.on_commit(lambda: ran.append("between"))
        enqueue(2)
        transaction.on_commit(lambda: ran.append("after"))
    assert ran == ["before", "between", "after"]
    assert [len(bodies) for bodies in stand_in.bodies()] == [2]


@pytest.mark.django_db
def test_captured_hooks_send_what_was_enqueued_in_the_capture(
    stand_in: StandIn, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    enqueue(1)
    with django_capture_on_commit_callbacks(execute=True):
        sent = [enqueue(2), enqueue(3)]
    assert stand_in.bodies() == [sent]


def test_a_task_enqueued_by_a_hook_is_sent(stand_in: StandIn) -> None:
    with transaction.atomic():
        transaction.on_commit(lambda: add.enqueue(2) and None)
        enqueue(1)
    assert sorted(len(bodies) for bodies in stand_in.bodies()) == [1, 1]


@pytest.mark.parametrize("answer", [unavailable, hang_up])
def test_a_failed_send_does_not_reach_the_caller(
    stand_in: StandIn, answer: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    stand_in.answers = [answer]
    with transaction.atomic():
        for number in range(25):
            enqueue(number)
    # Asked once: the caller does not wait for the rest to fail, too.
    assert len(stand_in.requests) == 1
    assert TaskRow.objects.filter(sends=0).count() == 25
    assert "tasks not sent, left to the tick" in caplog.text


def test_an_unsent_task_wakes_within_a_minute_and_a_sent_one_later(stand_in: StandIn) -> None:
    stand_in.answers = [unavailable]
    enqueue(1)
    unsent = only_row()
    assert seconds_until_wake(unsent) == pytest.approx(60, abs=0.1)
    send([Wake.of(unsent)])
    assert seconds_until_wake(unsent) == pytest.approx(120, abs=2)
    send([Wake.of(unsent)])
    assert seconds_until_wake(unsent) == pytest.approx(240, abs=2)
    for _ in range(8):
        send([Wake.of(unsent)])
    assert seconds_until_wake(unsent) == pytest.approx(3600, abs=2)


def test_entries_that_sqs_refused_stay_unsent(stand_in: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    stand_in.answers = [refuse(1)]
    with caplog.at_level(logging.WARNING), transaction.atomic():
        sent = [enqueue(number) for number in range(3)]
    assert str(only_row(sends=0).pk) == sent[1]
    assert TaskRow.objects.filter(sends=1).count() == 2
    (record,) = [record for record in caplog.records if "refused" in record.message]
    assert vars(record)["code"] == "InternalError"


def test_a_worker_that_was_faster_than_the_confirmation_keeps_its_lease(stand_in: StandIn) -> None:
    stand_in.answers = [unavailable]
    enqueue(1)
    before = only_row()
    (claimed,) = lease.claim([before.pk], database="default", seconds=60, worker="faster")
    send([Wake.of(before)])
    assert (only_row().wake_at, only_row().sends) == (claimed.wake_at, 0)


def test_a_task_without_a_queue_is_left_to_a_release_that_has_it(
    stand_in: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    enqueue(1)
    TaskRow.objects.update(queue="gone")
    assert send([Wake.of(only_row())]) == 0
    assert len(stand_in.requests) == 1
    assert "task has no queue in this release" in caplog.text


def test_a_send_that_cannot_be_confirmed_is_a_send(stand_in: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    enqueue(1)
    wake = Wake.of(only_row())
    with transaction.atomic():
        connections["default"].needs_rollback = True  # any statement raises now
        assert send([wake]) == 1
    assert "not confirmed" in caplog.text


@pytest.mark.django_db(transaction=True, databases=["default", "other"])
def test_each_database_sends_after_its_own_commit(stand_in: StandIn, settings: Settings) -> None:
    settings.DATABASE_ROUTERS = ["tests.serverless.tasks.routers.Chosen"]
    with transaction.atomic("default"):
        here = add.enqueue(1)
        with transaction.atomic("other"), chosen("other"):
            there = add.enqueue(2)
        assert stand_in.bodies() == [[row_id(there)]]
    assert stand_in.bodies() == [[row_id(there)], [row_id(here)]]
    assert (here.id.partition(":")[0], there.id.partition(":")[0]) == ("default", "other")
    assert TaskRow.objects.using("other").get().sends == 1
    there.refresh()
    assert there.status == "READY"


@pytest.mark.django_db(transaction=True, databases=["default", "other"])
def test_a_transaction_of_another_database_refuses_the_task(settings: Settings, stand_in: StandIn) -> None:
    settings.DATABASE_ROUTERS = ["tests.serverless.tasks.routers.Chosen"]
    with transaction.atomic("other"), pytest.raises(WrongDatabase, match=r"'default'.*one is in 'other'"):
        add.enqueue(1)
    with chosen("other"), transaction.atomic("default"), pytest.raises(WrongDatabase, match=r"'other'.*in 'default'"):
        add.enqueue(1)
    assert not TaskRow.objects.using("default").exists()
    assert not TaskRow.objects.using("other").exists()
    # With a transaction of its own open as well, the row has a fate: that one's.
    with transaction.atomic("other"), transaction.atomic("default"):
        add.enqueue(1)
    add.enqueue(2)
    assert TaskRow.objects.using("default").count() == 2
    assert len(stand_in.requests) == 2
