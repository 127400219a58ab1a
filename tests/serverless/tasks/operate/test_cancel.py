import threading
from collections.abc import Iterator

import pytest
from django.db import connections, transaction
from django.tasks import TaskResult, TaskResultStatus, default_task_backend
from django.tasks.signals import task_finished

from serverless.tasks.models import State, TaskRow
from serverless.tasks.operate.cancel import cancel, is_cancelled
from serverless.tasks.operate.retry import retry_dead
from serverless.tasks.upkeep import tick
from serverless.tasks.work import lease
from tests.serverless.tasks.conftest import StandIn, only_row, process
from tests.serverless.tasks.jobs import add, calls
from tests.serverless.tasks.policies import in_order
from tests.serverless.tasks.rows import row

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "other"])


@pytest.fixture
def finished() -> Iterator[list[str]]:
    told: list[str] = []

    def hear(*, task_result: "TaskResult[..., object]", **_: object) -> None:
        told.append(f"{task_result.id} {task_result.status}")

    task_finished.connect(hear)
    yield told
    task_finished.disconnect(hear)


def test_a_waiting_task_never_runs_and_says_who_took_it_back(stand_in: StandIn, finished: list[str]) -> None:
    result = add.enqueue(1)
    (gone,) = cancel([only_row().pk], database="default", by="ada")
    assert is_cancelled(gone)
    assert process(gone) == []
    assert tick.run()["due"] == 0
    assert calls == []
    found = default_task_backend.get_result(result.id)
    assert (found.status, found.errors[0].exception_class_path) == (
        TaskResultStatus.FAILED,
        "serverless.tasks.exceptions.Cancelled",
    )
    assert "Cancelled by ada." in found.errors[0].traceback
    assert found.is_finished
    assert found.finished_at is not None
    assert finished == [f"{result.id} FAILED"]


def test_what_a_worker_holds_is_left_alone() -> None:
    one = row()
    (claimed,) = lease.claim([one.pk], database="default", seconds=60, worker="w")
    assert cancel([one.pk], database="default", by="ada") == []
    assert lease.report(claimed, lease.Outcome(state=State.DONE, attempts=0)) is not None


def test_a_task_whose_lease_ended_can_be_stopped_and_its_worker_reports_in_vain() -> None:
    one = row()
    (claimed,) = lease.claim([one.pk], database="default", seconds=-1, worker="w")
    assert len(cancel([one.pk], database="default", by="ada")) == 1
    assert lease.report(claimed, lease.Outcome(state=State.DONE, attempts=0)) is None
    assert only_row().state == State.DEAD


@pytest.mark.parametrize("state", ["done", "dead"])
def test_what_is_finished_stays_as_it_is(state: str) -> None:
    one = row(state)
    assert cancel([one.pk], database="default", by="ada") == []
    assert not is_cancelled(only_row())


def test_a_cancelled_task_may_be_retried(stand_in: StandIn) -> None:
    one = row(kwargs={"a": 1})
    cancel([one.pk], database="default", by="ada")
    assert retry_dead(TaskRow.objects.all()) == 1
    process(one)
    assert only_row().state == State.DONE


def test_nobody_is_told_where_it_is_rolled_back(finished: list[str]) -> None:
    one = row()
    with transaction.atomic():
        cancel([one.pk], database="default", by="ada")
        transaction.set_rollback(True)
    assert finished == []
    assert only_row().state == State.READY


def test_a_task_that_this_release_lacks_is_cancelled(finished: list[str]) -> None:
    one = row(path="tests.serverless.tasks.jobs.gone")
    assert len(cancel([one.pk], database="default", by="ada")) == 1
    assert finished == []


def test_claim_and_cancel_never_both_win() -> None:
    ids = [row().pk for _ in range(40)]
    won: dict[str, list[object]] = {}
    start = threading.Barrier(2)

    def claim() -> None:
        start.wait()
        won["claim"] = [one.pk for one in lease.claim(ids, database="default", seconds=60, worker="w")]
        connections.close_all()

    thread = threading.Thread(target=claim)
    thread.start()
    start.wait()
    won["cancel"] = [one.pk for one in cancel(ids[::-1], database="default", by="ada")]
    thread.join()
    assert sorted(map(str, won["claim"] + won["cancel"])) == sorted(map(str, ids))


def test_the_next_of_its_key_is_woken(stand_in: StandIn) -> None:
    in_order.enqueue("a", 1)
    in_order.enqueue("a", 2)
    first, second = TaskRow.objects.order_by("pk")
    process(second)
    cancel([first.pk], database="default", by="ada")
    assert stand_in.bodies()[-1] == [str(second.pk)]
    process(second)
    assert calls == [("a", 2)]
