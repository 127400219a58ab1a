from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, connections, transaction
from django.db.models.functions import Now
from pytest_django.fixtures import Settings

from serverless import context
from serverless.tasks.models import TaskRow
from serverless.tasks.upkeep import tick
from tests.serverless.tasks.conftest import (
    BACKEND,
    Lambda,
    Queue,
    StandIn,
    demote,
    let_pass,
    only_row,
    process,
    refuse,
    unavailable,
)
from tests.serverless.tasks.jobs import add, crash, fail

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "other"])


def in_order() -> list[TaskRow]:
    return list(TaskRow.objects.order_by("pk"))


def many(count: int, *, database: str = "default", queue: str = "default") -> None:
    rows = [
        TaskRow(
            path="tests.serverless.tasks.jobs.add",
            backend="default",
            queue=queue,
            args=[number],
            enqueued_at=Now(),
            due_at=Now(),
            wake_at=Now() - timedelta(seconds=count - number),
        )
        for number in range(count)
    ]
    TaskRow.objects.using(database).bulk_create(rows, batch_size=50)


def test_nothing_is_sent_before_its_time(stand_in: StandIn) -> None:
    add.enqueue(1)
    stand_in.requests.clear()
    let_pass(119, only_row())
    assert tick.run() == {"scheduled": 0, "due": 0, "sent": 0, "databases_away": 0}
    let_pass(2, only_row())
    assert tick.run() == {"scheduled": 0, "due": 1, "sent": 1, "databases_away": 0}
    assert tick.run()["due"] == 0


def test_what_the_commit_could_not_send_is_sent_and_runs(real_queue: Queue, settings: Settings) -> None:
    tasks = settings.TASKS
    settings.TASKS = {"default": tasks["default"] | {"OPTIONS": {"QUEUE_URLS": {"default": "http://127.0.0.1:9/1/q"}}}}
    result = add.enqueue(1)
    settings.TASKS = tasks
    assert real_queue.receive() == []
    let_pass(61, only_row())
    assert tick.run()["sent"] == 1
    assert real_queue.drain() == {"batchItemFailures": []}
    result.refresh()
    assert result.return_value == 1


def test_a_lost_worker_is_noticed(stand_in: StandIn) -> None:
    crash.enqueue()
    with pytest.raises(KeyboardInterrupt):
        process(only_row())
    stand_in.requests.clear()
    assert tick.run()["due"] == 0
    let_pass(901, only_row())
    assert tick.run()["sent"] == 1
    assert stand_in.bodies() == [[str(only_row().pk)]]
    assert only_row().lease == 1  # the tick claims nothing


def test_a_retry_whose_message_was_lost_is_sent(stand_in: StandIn) -> None:
    fail.enqueue()
    stand_in.answers = [unavailable]
    process(only_row())
    stand_in.requests.clear()
    let_pass(31, only_row())
    assert tick.run()["sent"] == 1


def test_a_far_start_is_sent_ahead_to_the_second(stand_in: StandIn) -> None:
    add.using(run_after=datetime.now(UTC) + timedelta(days=1)).enqueue(1)
    let_pass(24 * 3600 - 601, only_row())
    assert tick.run()["due"] == 0
    let_pass(31, only_row())
    assert tick.run()["sent"] == 1
    assert stand_in.delays()[0] == pytest.approx(570, abs=5)
    row = only_row()
    assert row.due_at is not None
    assert row.wake_at is not None
    assert (row.wake_at - row.due_at).total_seconds() == 120


def test_the_longest_waiting_go_first_in_full_requests(stand_in: StandIn) -> None:
    many(205)
    assert tick.run() == {"scheduled": 0, "due": 205, "sent": 205, "databases_away": 0}
    assert len(stand_in.requests) == 21
    first = TaskRow.objects.get(args=[0])
    assert stand_in.bodies()[0][0] == str(first.pk)


def test_a_queue_that_takes_nothing_is_asked_once(stand_in: StandIn) -> None:
    many(205)
    stand_in.answers = [unavailable]
    assert tick.run() == {"scheduled": 0, "due": 100, "sent": 0, "databases_away": 0}
    assert len(stand_in.requests) == 1
    # Those rows have had their turn for this minute.
    assert tick.run() == {"scheduled": 0, "due": 105, "sent": 105, "databases_away": 0}


def test_a_queue_that_takes_nothing_holds_up_no_other(stand_in: StandIn, settings: Settings) -> None:
    urls = {"slow": "http://127.0.0.1:9/1/slow", "default": stand_in.url}
    settings.TASKS = {"default": {"BACKEND": BACKEND, "QUEUES": list(urls), "OPTIONS": {"QUEUE_URLS": urls}}}
    many(205, queue="slow")
    many(3)  # which have waited for less
    assert tick.run() == {"scheduled": 0, "due": 103, "sent": 3, "databases_away": 0}


def test_refused_entries_come_again_in_a_minute(stand_in: StandIn) -> None:
    many(3)
    stand_in.answers = [refuse(0)]
    assert tick.run()["sent"] == 2
    let_pass(61, *in_order())
    stand_in.requests.clear()
    assert tick.run() == {"scheduled": 0, "due": 1, "sent": 1, "databases_away": 0}


def test_two_ticks_do_not_send_the_same_rows(stand_in: StandIn) -> None:
    many(2)
    first, second = in_order()

    def run() -> tick.Counts:
        try:
            return tick.run()
        finally:
            connections.close_all()

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        TaskRow.objects.select_for_update().get(pk=first.pk)  # as another tick holds it
        assert pool.submit(run).result(timeout=5)["sent"] == 1
    assert stand_in.bodies() == [[str(second.pk)]]


def test_every_database_is_looked_after(stand_in: StandIn) -> None:
    many(1)
    many(2, database="other")
    assert tick.run() == {"scheduled": 0, "due": 3, "sent": 3, "databases_away": 0}
    assert set(TaskRow.objects.using("other").values_list("sends", flat=True)) == {1}


def test_a_database_that_is_away_does_not_hold_up_the_others(
    stand_in: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    many(1)
    many(1, database="other")
    port = connection.settings_dict["PORT"]
    connection.close()
    connection.settings_dict["PORT"] = "9"
    try:
        assert tick.run() == {"scheduled": 0, "due": 1, "sent": 1, "databases_away": 1}
    finally:
        connection.close()
        connection.settings_dict["PORT"] = port
    assert "tick: database away" in caplog.text
    assert tick.run() == {"scheduled": 0, "due": 1, "sent": 1, "databases_away": 0}


class OnlyDefault:
    def allow_migrate(self, database: str, label: str, **hints: object) -> bool:  # noqa: ARG002 - Django's signature
        return database == "default"


def test_a_database_without_the_table_is_passed_over(stand_in: StandIn, settings: Settings) -> None:
    many(1, database="other")
    settings.DATABASE_ROUTERS = [f"{__name__}.OnlyDefault"]
    assert tick.run() == {"scheduled": 0, "due": 0, "sent": 0, "databases_away": 0}


def test_a_database_not_yet_migrated_is_passed_over(stand_in: StandIn) -> None:
    many(1)
    with connections["other"].cursor() as cursor:
        cursor.execute("ALTER TABLE tasks_taskrow RENAME TO elsewhere")
        try:
            assert tick.run() == {"scheduled": 0, "due": 1, "sent": 1, "databases_away": 0}
        finally:
            cursor.execute("ALTER TABLE elsewhere RENAME TO tasks_taskrow")


@pytest.mark.pins("set")
def test_a_connection_to_a_server_that_was_made_read_only_is_replaced(stand_in: StandIn) -> None:
    many(1)
    demote()
    assert tick.run() == {"scheduled": 0, "due": 1, "sent": 1, "databases_away": 0}


def test_the_tick_stops_before_the_function_does(stand_in: StandIn) -> None:
    many(tick.BATCH + 1)
    with context.invocation(Lambda(seconds=9)):
        assert tick.run()["due"] == tick.BATCH  # the first batch is sent by a function of any length
