import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.utils import timezone

from serverless.tasks.exceptions import UnknownName
from serverless.tasks.models import Pause, State, TaskRow
from serverless.tasks.upkeep import tick
from serverless.tasks.work import lease, pausing
from tests.serverless.tasks.conftest import Queue, StandIn, let_pass, only_row, process
from tests.serverless.tasks.jobs import add, calls, fail
from tests.serverless.tasks.rows import row

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "other"])


@pytest.mark.parametrize("name", ["default", add.module_path])
def test_a_message_for_a_paused_row_is_answered_as_done_and_runs_nothing(stand_in: StandIn, name: str) -> None:
    pausing.pause(name, database="default")
    add.enqueue(1)
    assert process(only_row()) == []
    assert calls == []
    assert only_row().state == State.READY


def test_what_is_not_paused_runs_beside_it(stand_in: StandIn) -> None:
    pausing.pause(fail.module_path, database="default")
    fail.enqueue()
    add.enqueue(1)
    process(*TaskRow.objects.all())
    assert calls == [(1, 0)]


def test_a_pause_holds_in_its_own_database(stand_in: StandIn) -> None:
    pausing.pause("default", database="other")
    add.enqueue(1)
    process(only_row())
    assert calls == [(1, 0)]


def test_a_suspect_of_a_paused_queue_is_neither_run_nor_sent(stand_in: StandIn) -> None:
    one = row("running", age=600)
    pausing.pause("default", database="default")
    assert lease.suspects([one.pk], database="default") == []
    assert process(one) == []
    assert stand_in.requests == []
    assert only_row().lease == 0


def test_what_runs_when_the_pause_comes_is_reported(stand_in: StandIn) -> None:
    one = row()
    (claimed,) = lease.claim([one.pk], database="default", seconds=60, worker="w")
    pausing.pause("default", database="default")
    outcome = lease.Outcome(state=State.DONE, attempts=0)
    assert lease.report(claimed, outcome) is not None


def test_the_tick_leaves_paused_rows_out_and_parks_them(stand_in: StandIn) -> None:
    pausing.pause("default", database="default")
    row()
    assert tick.run()["due"] == 0
    assert TaskRow.objects.filter(wake_at__gt=timezone.now() + pausing.PARK - timedelta(minutes=1)).exists()
    assert stand_in.requests == []


def test_paused_rows_hold_up_no_others(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tick, "BATCH", 2)
    pausing.pause(fail.module_path, database="default")
    for _ in range(5):
        row(age=100, path=fail.module_path)
    other = row()
    tick.run()
    assert stand_in.bodies() == [[str(other.pk)]]


def test_parking_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pausing, "BATCH", 2)
    pausing.pause("default", database="default")
    for _ in range(3):
        row()
    assert [pausing.park("default") for _ in range(3)] == [2, 1, 0]


def test_resuming_wakes_what_is_due_at_the_next_tick(real_queue: Queue) -> None:
    pausing.pause("default", database="default")
    add.enqueue(1)
    real_queue.drain()
    tick.run()
    later = row(due_at=timezone.now() + timedelta(hours=1), wake_at=timezone.now() + timedelta(hours=1))
    assert pausing.resume("default", database="default") == 1
    assert tick.run()["sent"] == 1
    real_queue.drain()
    assert calls == [(1, 0)]
    assert TaskRow.objects.get(pk=later.pk).wake_at == later.wake_at


def test_what_was_not_yet_due_when_the_pause_ended_starts_in_time(stand_in: StandIn) -> None:
    """The tick looks at it ten minutes before it is due; it must not be parked until long after."""
    pausing.pause("default", database="default")
    soon = row(due_at=timezone.now() + timedelta(minutes=9), wake_at=timezone.now())
    tick.run()
    pausing.resume("default", database="default")
    assert tick.run()["sent"] == 1
    assert stand_in.bodies() == [[str(soon.pk)]]
    assert 530 < stand_in.delays()[0] <= 540


def test_a_row_under_two_pauses_waits_for_both(stand_in: StandIn) -> None:
    pausing.pause("default", database="default")
    pausing.pause(add.module_path, database="default")
    row()
    pausing.park("default")
    assert pausing.resume("default", database="default") == 0
    assert pausing.resume(add.module_path, database="default") == 1


def test_a_parked_row_comes_back_without_a_resume(stand_in: StandIn) -> None:
    pausing.pause("default", database="default")
    one = row()
    tick.run()
    Pause.objects.all().delete()
    let_pass(pausing.PARK.total_seconds(), one)
    assert tick.run()["sent"] == 1


def test_resuming_goes_in_batches_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pausing, "MAX_RESUMED", 4)
    pausing.pause("default", database="default")
    for _ in range(7):
        row()
    pausing.park("default")
    monkeypatch.setattr(pausing, "BATCH", 2)
    assert pausing.resume("default", database="default") == 4
    assert TaskRow.objects.filter(wake_at__lte=timezone.now()).count() == 4


def test_a_resume_that_wakes_nothing_ends_no_pause(stand_in: StandIn) -> None:
    """Else the tasks would wait for an hour, and nobody could end a pause that is not there any more."""

    def fail(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("\nWITH held"):
            raise OperationalError("terminating connection due to administrator command")
        return execute(sql, *rest)

    pausing.pause("default", database="default")
    one = row()
    pausing.park("default")
    with pytest.raises(OperationalError), connection.execute_wrapper(fail):
        pausing.resume("default", database="default")
    assert pausing.resume("default", database="default") == 1
    tick.run()
    assert stand_in.bodies() == [[str(one.pk)]]


def test_a_send_that_is_confirmed_after_the_resume_puts_nothing_off(stand_in: StandIn) -> None:
    """Its message may have been passed over: the pause was still there when it came."""

    def resume_meanwhile(_: dict[str, Any]) -> tuple[int, Any]:
        pausing.resume("default", database="default")
        connections.close_all()
        return 200, {"Successful": [{"Id": "0"}], "Failed": []}

    pausing.pause("default", database="default")
    stand_in.answers.append(resume_meanwhile)
    add.enqueue(1)
    assert Pause.objects.count() == 0
    assert tick.run()["sent"] == 1


def test_a_row_that_is_locked_when_its_pause_ends_is_woken_a_moment_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pausing, "LOCKED_S", 0.6)
    pausing.pause("default", database="default")
    one = row()
    pausing.park("default")
    resumed: list[int | None] = []

    def resume() -> None:
        resumed.append(pausing.resume("default", database="default"))
        connections.close_all()

    thread = threading.Thread(target=resume)
    with transaction.atomic():
        TaskRow.objects.select_for_update().get(pk=one.pk)
        thread.start()
        thread.join(timeout=0.2)
        assert thread.is_alive()
    thread.join()
    assert resumed == [1]


def test_resuming_what_is_not_paused() -> None:
    assert pausing.resume("default", database="default") is None


def test_the_first_pause_stays() -> None:
    assert pausing.pause("default", database="default", by="ada", reason="x")
    assert not pausing.pause("default", database="default", by="bob")
    assert Pause.objects.get().by == "ada"


@pytest.mark.parametrize("name", ["", "nope", "os.path.join", "tests.serverless.tasks.broken.x", "a" * 5000, "..."])
def test_only_queues_and_tasks_are_paused(name: str) -> None:
    with pytest.raises(UnknownName, match="neither a queue"):
        pausing.pause(name, database="default")


def test_what_is_parked_while_someone_resumes_is_woken_all_the_same() -> None:
    pausing.pause("default", database="default")
    row()
    resumed: list[int | None] = []

    def resume() -> None:
        resumed.append(pausing.resume("default", database="default"))
        connections.close_all()

    thread = threading.Thread(target=resume)
    with transaction.atomic():
        assert pausing.park("default") == 1
        thread.start()
        thread.join(timeout=0.3)
        assert thread.is_alive()  # it waits for the tick that still sees the pause
    thread.join()
    assert resumed == [1]
