import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection
from pytest_django import DjangoAssertNumQueries

from serverless.tasks.definition import Keys
from serverless.tasks.models import TaskRow
from serverless.tasks.produce.insert import Call, Columns, insert
from serverless.tasks.produce.message import Message
from serverless.tasks.work import batch
from tests.serverless.tasks import jobs
from tests.serverless.tasks.conftest import Queue, StandIn, demote, event_for, event_of, only_row, process
from tests.serverless.tasks.jobs import add, break_connection, crash, fail
from tests.serverless.tasks.produce.test_message import MALFORMED

pytestmark = pytest.mark.django_db(transaction=True)

GOOD = Message(id=uuid.UUID(int=1), database="default").dumps()


def test_from_enqueue_through_sqs_to_the_result(real_queue: Queue) -> None:
    results = [add.enqueue(number, b=1) for number in range(3)]
    assert real_queue.drain() == {"batchItemFailures": []}
    for number, result in enumerate(results):
        result.refresh()
        assert result.return_value == number + 1


def test_each_failure_fails_alone(stand_in: StandIn) -> None:
    add.enqueue(1)
    fail.enqueue()
    jobs.leave.enqueue()
    add.enqueue(2)
    assert process(*TaskRow.objects.order_by("pk")) == []
    states = TaskRow.objects.order_by("pk").values_list("state", "attempts")
    assert list(states) == [("done", 0), ("ready", 1), ("ready", 1), ("done", 0)]


def test_a_message_of_a_finished_row_is_done(stand_in: StandIn) -> None:
    add.enqueue(1)
    row = only_row()
    assert process(row, row) == []  # SQS delivers some messages twice, even in one batch
    assert process(row) == []
    assert jobs.calls == [(1, 0)]


def test_a_message_of_a_leased_row_is_done(stand_in: StandIn) -> None:
    crash.enqueue()
    with pytest.raises(KeyboardInterrupt):
        process(only_row())
    assert process(only_row()) == []
    assert jobs.calls == ["crash"]


def test_a_message_of_a_row_not_yet_due_is_done(stand_in: StandIn) -> None:
    fail.enqueue()
    process(only_row())
    assert process(only_row()) == []
    assert len(jobs.calls) == 1


def test_a_message_of_a_row_that_does_not_exist_is_done() -> None:
    assert batch.process(event_of(GOOD)) == {"batchItemFailures": []}


@pytest.mark.parametrize("body", MALFORMED, ids=range(len(MALFORMED)))
def test_a_message_that_names_no_task_goes_on_to_the_dead_letter_queue(
    body: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert batch.process(event_of(GOOD, body, GOOD)) == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert "message names no task" in caplog.text


def test_a_message_of_an_unknown_database_is_kept() -> None:
    body = Message(id=uuid.UUID(int=1), database="elsewhere").dumps()
    assert batch.process(event_of(body, GOOD)) == {"batchItemFailures": [{"itemIdentifier": "m0"}]}


def test_a_database_that_is_away_keeps_all_its_messages(stand_in: StandIn) -> None:
    add.enqueue(1)
    add.enqueue(2)
    event = event_for(*TaskRow.objects.order_by("pk"))
    port = connection.settings_dict["PORT"]
    connection.close()
    connection.settings_dict["PORT"] = "9"
    try:
        failures = batch.process(event)["batchItemFailures"]
    finally:
        connection.close()
        connection.settings_dict["PORT"] = port
    assert [failure["itemIdentifier"] for failure in failures] == ["m0", "m1"]
    assert jobs.calls == []
    # And the first invocation after that succeeds, without an attempt spent.
    assert batch.process(event) == {"batchItemFailures": []}
    assert set(TaskRow.objects.values_list("state", "attempts")) == {("done", 0)}


def test_a_connection_that_broke_between_invocations_is_replaced(stand_in: StandIn) -> None:
    add.enqueue(1)
    row = only_row()
    break_connection.call()
    assert process(row) == []
    assert only_row().state == "done"


@pytest.mark.pins("set")
def test_a_connection_to_a_server_that_was_made_read_only_is_replaced(stand_in: StandIn) -> None:
    add.enqueue(1)
    row = only_row()
    demote()
    assert process(row) == []
    assert only_row().state == "done"


def test_a_connection_that_breaks_at_the_claim_is_replaced(stand_in: StandIn) -> None:
    add.enqueue(1)
    row = only_row()
    broken: list[str] = []

    def break_once(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if not broken:
            broken.append(sql)
            raise OperationalError("the connection is lost")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(break_once):
        assert process(row) == []
    assert "state = 'running'" in broken[0]
    assert only_row().state == "done"


def test_a_connection_that_broke_in_the_task_does_not_lose_its_outcome(stand_in: StandIn) -> None:
    break_connection.enqueue()
    add.enqueue(1)
    assert process(*TaskRow.objects.order_by("pk")) == []
    assert list(TaskRow.objects.order_by("pk").values_list("state", "return_value")) == [("done", "done"), ("done", 1)]


@pytest.mark.django_db(transaction=True, databases=["default", "other"])
def test_one_batch_serves_every_database(stand_in: StandIn) -> None:
    add.enqueue(1)
    here = only_row()
    columns = Columns(path=here.path, backend="default", queue="default", priority=0)
    (there,) = insert(columns, [Call(args=[2], kwargs={}, keys=Keys())], using="other")
    assert process(here, there) == []
    assert only_row().return_value == 1
    assert TaskRow.objects.using("other").get().return_value == 2
    assert TaskRow.objects.count() == 1


def test_ordinary_work_takes_one_statement_a_task_and_one_a_batch(
    stand_in: StandIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(10):
        add.enqueue(number)
    rows = list(TaskRow.objects.all())
    with django_assert_num_queries(11):
        process(*rows)
