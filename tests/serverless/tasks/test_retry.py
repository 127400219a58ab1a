import pytest

from serverless.tasks.models import TaskRow
from serverless.tasks.retries import MAX_ATTEMPTS
from serverless.tasks.retry import retry_dead
from tests.serverless.tasks.conftest import StandIn, let_pass, only_row, process
from tests.serverless.tasks.jobs import add, fail

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
