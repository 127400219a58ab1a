import threading
from typing import Any

import pytest
from django.db import connection, connections

from serverless.tasks.models import TaskRow
from serverless.tasks.operate.retry import retry_dead
from serverless.tasks.retries import MAX_ATTEMPTS
from tests.serverless.tasks.conftest import StandIn, let_pass, only_row, process
from tests.serverless.tasks.jobs import add, fail
from tests.serverless.tasks.policies import once

pytestmark = pytest.mark.django_db(transaction=True)


def kill() -> TaskRow:
    fail.enqueue()
    for _ in range(MAX_ATTEMPTS):
        let_pass(3600, *TaskRow.objects.filter(state="ready"))
        process(*TaskRow.objects.filter(state="ready"))
    return only_row(state="dead")


def test_the_dead_get_another_round(stand_in: StandIn) -> None:
    dead = kill()
    add.enqueue(1)
    stand_in.requests.clear()
    assert retry_dead(TaskRow.objects.all()) == 1
    assert stand_in.bodies() == [[str(dead.pk)]]
    row = only_row(pk=dead.pk)
    assert (row.state, row.attempts, len(row.errors), row.finished_at) == ("ready", 0, MAX_ATTEMPTS, None)
    assert process(row) == []
    assert only_row(pk=dead.pk).attempts == 1


def test_nothing_else_runs_again(stand_in: StandIn) -> None:
    add.enqueue(1)
    process(only_row())
    stand_in.requests.clear()
    assert retry_dead(TaskRow.objects.all()) == 0
    assert only_row().state == "done"
    assert stand_in.requests == []


def test_of_one_key_the_latest_unless_another_has_it(stand_in: StandIn) -> None:
    for _ in range(2):
        once.enqueue(1)
        TaskRow.objects.filter(state="ready").update(state="dead", wake_at=None, due_at=None)
    first, second = TaskRow.objects.order_by("pk")
    assert retry_dead(TaskRow.objects.all()) == 1
    assert (only_row(pk=first.pk).state, only_row(pk=second.pk).state) == ("dead", "ready")
    assert retry_dead(TaskRow.objects.all()) == 0


def test_a_key_that_is_taken_meanwhile_stays_with_who_took_it(stand_in: StandIn) -> None:
    once.enqueue(1)
    TaskRow.objects.update(state="dead", wake_at=None, due_at=None)
    taken: list[bool] = []

    def take() -> None:
        once.enqueue(1)
        connections.close_all()

    def take_first(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("UPDATE") and not taken:
            taken.append(True)
            thread = threading.Thread(target=take)
            thread.start()
            thread.join()
        return execute(sql, *rest)

    with connection.execute_wrapper(take_first):
        assert retry_dead(TaskRow.objects.all()) == 0
    assert [row.state for row in TaskRow.objects.order_by("pk")] == ["dead", "ready"]


def test_what_had_expired_runs(stand_in: StandIn) -> None:
    add.enqueue(1)
    row = only_row()
    TaskRow.objects.update(expires_at=row.enqueued_at)
    process(row)
    assert only_row().state == "dead"
    retry_dead(TaskRow.objects.all())
    process(row)
    assert only_row().state == "done"
