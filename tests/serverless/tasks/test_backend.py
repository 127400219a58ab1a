from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.tasks import TaskResult, task, task_backends
from django.tasks.exceptions import InvalidTask, TaskResultDoesNotExist, TaskResultMismatch
from django.tasks.signals import task_enqueued

from serverless.tasks.backend import SQSBackend
from serverless.tasks.exceptions import UnknownTask, UnstorableValue
from serverless.tasks.models import TaskRow
from tests.serverless.tasks.conftest import Queue, StandIn, only_row, process
from tests.serverless.tasks.jobs import add, attempt, fail, misnamed
from tests.serverless.tasks.run import run_python

pytestmark = pytest.mark.django_db(transaction=True)


def test_enqueue_returns_a_ready_result(stand_in: StandIn) -> None:
    result = add.enqueue(1, b=2)
    row = only_row()
    assert result.id == f"default:{row.pk}"
    assert (result.status, result.args, result.kwargs, result.attempts) == ("READY", [1], {"b": 2}, 0)
    assert result.enqueued_at == row.enqueued_at
    assert (row.path, row.queue, row.backend) == ("tests.serverless.tasks.jobs.add", "default", "default")


def test_a_result_is_read_and_refreshed(stand_in: StandIn) -> None:
    result = add.enqueue(1, b=2)
    assert process(only_row()) == []
    assert add.get_result(result.id).return_value == 3
    assert not result.is_finished
    result.refresh()
    assert (result.status, result.return_value, result.attempts) == ("SUCCESSFUL", 3, 1)
    assert result.started_at is not None
    assert result.finished_at is not None
    assert result.started_at <= result.finished_at
    with pytest.raises(TaskResultMismatch):
        fail.get_result(result.id)


@pytest.mark.parametrize("result_id", ["", "default:", "default:7", f"default:{UUID(int=7)}", str(UUID(int=7))])
def test_a_result_that_does_not_exist(stand_in: StandIn, result_id: str) -> None:
    with pytest.raises(TaskResultDoesNotExist):
        add.get_result(result_id)


@pytest.mark.parametrize("database", ["elsewhere:", ":", ""])
def test_an_id_without_its_database_names_no_result(stand_in: StandIn, database: str) -> None:
    add.enqueue(1)
    with pytest.raises(TaskResultDoesNotExist):
        add.get_result(f"{database}{only_row().pk}")


def test_a_result_of_a_task_that_is_gone_says_so(stand_in: StandIn) -> None:
    result = add.enqueue(1)
    TaskRow.objects.update(path="tests.serverless.tasks.jobs.gone")
    with pytest.raises(UnknownTask, match=r"jobs\.gone"):
        add.get_result(result.id)


def test_enqueue_and_results_from_coroutines(stand_in: StandIn) -> None:
    async def both() -> "TaskResult[..., int]":
        result = await add.aenqueue(4)
        await result.arefresh()
        return await add.aget_result(result.id)

    assert async_to_sync(both)().status == "READY"
    assert len(stand_in.requests) == 1


def test_the_enqueued_signal_carries_the_result(stand_in: StandIn) -> None:
    heard: list[Any] = []

    def hear(sender: type, task_result: "TaskResult[..., Any]", **_: object) -> None:
        heard.append((sender, task_result.id, task_result.status))

    task_enqueued.connect(hear)
    try:
        result = add.enqueue(1)
    finally:
        task_enqueued.disconnect(hear)
    assert heard == [(SQSBackend, result.id, "READY")]


@pytest.mark.parametrize("argument", ["a\0b", float("nan"), object(), "\ud800"])
def test_arguments_that_cannot_be_stored_leave_the_transaction_usable(stand_in: StandIn, argument: object) -> None:
    with transaction.atomic():
        with pytest.raises(UnstorableValue):
            fail.enqueue(argument)  # type: ignore[arg-type]
        assert not TaskRow.objects.exists()


def test_a_task_that_no_worker_would_find_is_refused(stand_in: StandIn) -> None:
    with pytest.raises(InvalidTask, match=r"jobs\._hidden is not this task"):
        misnamed.enqueue()
    assert not TaskRow.objects.exists()


def test_an_unknown_queue_is_refused(stand_in: StandIn) -> None:
    with pytest.raises(InvalidTask, match="Queue 'fast' is not valid"):
        add.using(queue_name="fast")


def test_priority_is_stored_and_orders_a_batch(stand_in: StandIn) -> None:
    for number, priority in enumerate([0, -100, 100]):
        add.using(priority=priority).enqueue(number)
    process(*TaskRow.objects.all())
    finished = TaskRow.objects.order_by("finished_at").values_list("priority", flat=True)
    assert list(finished) == [100, 0, -100]
    assert not SQSBackend.supports_priority


@pytest.mark.parametrize("priority", [-101, 101, 1.5])
def test_a_priority_outside_of_djangos_range_is_refused(stand_in: StandIn, priority: int) -> None:
    with pytest.raises(InvalidTask, match="priority must be a whole number"):
        add.using(priority=priority)


def test_the_base_class_still_validates_tasks_with_a_priority(stand_in: StandIn) -> None:
    with pytest.raises(InvalidTask, match="module level"):
        task(lambda: None, priority=5)


def test_a_near_start_is_left_to_the_delay_of_sqs(stand_in: StandIn) -> None:
    add.using(run_after=datetime.now(UTC) + timedelta(seconds=100)).enqueue(1)
    assert stand_in.delays()[0] in {100, 101}
    row = only_row()
    assert row.due_at == row.run_after
    assert row.wake_at is not None
    assert row.due_at is not None
    assert row.wake_at > row.due_at
    assert process(row) == []  # early, whatever brought it
    assert only_row().state == "ready"


def test_a_far_start_is_left_to_the_tick(stand_in: StandIn) -> None:
    start = datetime.now(UTC) + timedelta(days=30)
    add.using(run_after=start).enqueue(1)
    assert stand_in.requests == []
    row = only_row()
    assert row.due_at == start
    assert row.wake_at == start - timedelta(minutes=10)


def test_a_start_in_the_past_is_now(stand_in: StandIn) -> None:
    add.using(run_after=datetime.now(UTC) - timedelta(days=1)).enqueue(1)
    assert stand_in.delays() == [0]
    assert process(only_row()) == []
    assert only_row().state == "done"


def test_unknown_options_are_named() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"TASKS\['mine'\].*QUEUE_URL\b"):
        SQSBackend("mine", {"OPTIONS": {"QUEUE_URL": "x"}})


def test_the_capabilities_are_told(stand_in: StandIn) -> None:
    backend = task_backends["default"]
    assert backend.supports_defer
    assert backend.supports_async_task
    assert backend.supports_get_result


def test_the_context_knows_attempt_and_id(stand_in: StandIn) -> None:
    result = attempt.enqueue("x")
    process(only_row())
    assert attempt.get_result(result.id).return_value == ["x", 1, result.id]


def test_enqueue_never_loads_botocore(real_queue: Queue) -> None:
    done = run_python(
        "import sys\n"
        "from tests.serverless.tasks.jobs import add\n"
        "print(add.enqueue(1).id, sorted(m for m in ('boto3', 'botocore', 'requests') if m in sys.modules))"
    )
    assert done.stderr == ""
    row = only_row()
    assert done.stdout == f"default:{row.pk} []\n"
    assert real_queue.ids() == {str(row.pk)}
    assert row.sends == 1
