import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, connections, transaction
from pytest_django.fixtures import Settings

from serverless import context
from serverless.tasks.models import TaskRow
from serverless.tasks.schedules import due
from serverless.tasks.schedules.occurrences import EPOCH
from serverless.tasks.schedules.row import ScheduleRow
from serverless.tasks.upkeep import tick
from tests.serverless.tasks.conftest import Lambda, Queue, StandIn, demote, process
from tests.serverless.tasks.routers import chosen
from tests.serverless.tasks.schedules.conftest import YEAR, Declare, let_pass, yearly

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "other"])


def enqueue_due() -> int:
    return due.enqueue_due(reserve=10)


def tasks(database: str = "default") -> list[TaskRow]:
    return list(TaskRow.objects.using(database).order_by("pk"))


def row() -> ScheduleRow:
    return ScheduleRow.objects.get()


def newest() -> datetime:
    """Return the last occurrence of what is declared as yearly."""
    return EPOCH + (datetime.now(UTC) - EPOCH) // YEAR * YEAR


def test_a_schedule_begins_with_its_first_occurrence_after_it_was_seen(declare: Declare, stand_in: StandIn) -> None:
    declare(often=yearly(every=timedelta(minutes=1), catch_up=True))
    assert enqueue_due() == 0
    seen = row()
    assert (seen.backend, seen.name, seen.rule, seen.last_task) == ("default", "often", "every 0:01:00", None)
    let_pass(seconds=60)
    assert enqueue_due() == 1
    (task,) = tasks()
    assert (task.path, task.args, task.run_after) == ("tests.serverless.tasks.jobs.add", [1], None)
    assert stand_in.bodies() == [[str(task.pk)]]
    assert row().last_task == task.pk


def test_what_is_scheduled_runs(real_queue: Queue, settings: Settings) -> None:
    Declare(settings, real_queue.url)(yearly=yearly(kwargs={"b": 2}))
    tick.run()
    let_pass(days=365)
    assert tick.run()["scheduled"] == 1
    assert real_queue.drain() == {"batchItemFailures": []}
    (task,) = tasks()
    assert (task.state, task.return_value) == ("done", 3)


def test_a_tick_delivered_five_times_enqueues_once(declare: Declare, stand_in: StandIn) -> None:
    declare(yearly=yearly(overlap=True))
    tick.run()
    let_pass(days=365)
    assert [tick.run()["scheduled"] for _ in range(5)] == [1, 0, 0, 0, 0]
    assert len(tasks()) == 1
    assert row().last_at == newest()


@pytest.mark.parametrize("ticks", [2, 5])
def test_ticks_at_one_instant_enqueue_once(declare: Declare, ticks: int) -> None:
    declare(**{f"yearly-{number}": yearly(overlap=True) for number in range(4)})
    enqueue_due()
    let_pass(days=365)
    start = threading.Barrier(ticks)

    def run(_: int) -> int:
        try:
            connection.ensure_connection()
            start.wait(timeout=10)
            return enqueue_due()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(ticks) as pool:
        assert sum(pool.map(run, range(ticks))) == 4
    assert len(tasks()) == 4


def test_a_tick_passes_over_what_another_has_in_hand(declare: Declare) -> None:
    declare(yearly=yearly())
    enqueue_due()
    let_pass(days=365)

    def run() -> int:
        try:
            return enqueue_due()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        ScheduleRow.objects.select_for_update().get()
        assert pool.submit(run).result(timeout=5) == 0
    assert enqueue_due() == 1


def test_of_many_missed_occurrences_one_runs(declare: Declare) -> None:
    declare(yearly=yearly(overlap=True))
    enqueue_due()
    let_pass(days=3700)
    assert [enqueue_due(), enqueue_due()] == [1, 0]
    assert row().last_at == newest()


def test_caught_up_with_are_all_oldest_first_and_bounded(
    declare: Declare, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due, "CATCH_UP", 12)
    declare(yearly=yearly(overlap=True, catch_up=True))
    enqueue_due()
    ScheduleRow.objects.update(last_at=newest() - 15 * YEAR)
    assert enqueue_due() == 12
    assert row().last_at == newest() - 3 * YEAR
    assert [len(ids) for ids in stand_in.bodies()] == [10, 2]
    assert [enqueue_due(), enqueue_due()] == [3, 0]
    assert row().last_at == newest()


def test_an_occurrence_is_skipped_while_the_task_before_is_unfinished(
    declare: Declare, caplog: pytest.LogCaptureFixture
) -> None:
    declare(yearly=yearly())
    enqueue_due()
    let_pass(days=365)
    assert enqueue_due() == 1
    (first,) = tasks()
    for state in ("ready", "running"):
        TaskRow.objects.update(state=state)
        let_pass(days=365)
        assert enqueue_due() == 0
        assert "occurrence skipped" in caplog.text
        assert (row().last_at, row().last_task) == (newest(), first.pk)
        caplog.clear()
    TaskRow.objects.update(state="ready")
    process(first)
    assert enqueue_due() == 0  # what was skipped does not come back
    let_pass(days=365)
    assert enqueue_due() == 1


def test_a_task_that_was_deleted_holds_up_nothing(declare: Declare) -> None:
    declare(yearly=yearly())
    enqueue_due()
    for _ in range(2):
        let_pass(days=365)
        assert enqueue_due() == 1
        TaskRow.objects.all().delete()


def test_catching_up_without_overlap_waits_for_each_task(declare: Declare) -> None:
    declare(yearly=yearly(catch_up=True))
    enqueue_due()
    ScheduleRow.objects.update(last_at=newest() - 2 * YEAR)
    assert [enqueue_due(), enqueue_due()] == [1, 0]
    assert row().last_at == newest() - YEAR
    process(*tasks())
    assert enqueue_due() == 1
    assert row().last_at == newest()


def test_jitter_starts_an_occurrence_later_by_what_every_process_finds(declare: Declare) -> None:
    declare(yearly=yearly(jitter=timedelta(minutes=50)))
    enqueue_due()
    let_pass(days=365)
    enqueue_due()
    (task,) = tasks()
    assert task.run_after is not None
    first = task.run_after
    assert timedelta() <= first - newest() <= timedelta(minutes=50)
    TaskRow.objects.all().delete()
    let_pass(days=365)
    enqueue_due()
    (task,) = tasks()
    assert task.run_after == first


def test_another_rule_begins_anew(declare: Declare) -> None:
    declare(nightly=yearly())
    enqueue_due()
    let_pass(days=365)
    before = row()
    declare(nightly=yearly(every=YEAR / 5))
    assert [enqueue_due(), enqueue_due()] == [0, 0]
    assert row().rule == "every 73 days, 0:00:00"
    assert row().last_at > before.last_at + YEAR
    let_pass(days=73)
    assert enqueue_due() == 1


def test_another_task_or_argument_does_not(declare: Declare) -> None:
    declare(nightly=yearly())
    enqueue_due()
    let_pass(days=365)
    declare(nightly=yearly(args=[2], kwargs={"b": 3}))
    assert enqueue_due() == 1
    (task,) = tasks()
    assert (task.args, task.kwargs) == ([2], {"b": 3})


def test_what_is_no_longer_declared_is_forgotten(declare: Declare) -> None:
    declare(one=yearly(), two=yearly())
    enqueue_due()
    let_pass(days=365)
    declare(two=yearly())
    assert enqueue_due() == 1
    assert row().name == "two"
    declare()
    assert enqueue_due() == 0
    assert not ScheduleRow.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"task": "tests.serverless.tasks.jobs.gone"},
        {"task": "tests.serverless.tasks.broken.job"},
        {"args": [{1}]},
        {"jitter": 5},
        {"cron": "0 3 * * *"},
        {"every": 60},
    ],
)
def test_a_mistake_in_one_schedule_stops_no_other(
    declare: Declare, caplog: pytest.LogCaptureFixture, wrong: dict[str, object]
) -> None:
    declare(a=yearly(), b=yearly())
    enqueue_due()
    let_pass(days=365)
    declare(a=yearly(**wrong), b=yearly())
    assert enqueue_due() == 1
    assert [record.__dict__["schedule"] for record in caplog.records] == ["a"]
    declare(a=yearly(), b=yearly())
    assert enqueue_due() == 1  # mended, it runs: the occurrence is not lost


@pytest.mark.parametrize("schedules", [None, ["a"], {"a": None}])
def test_what_is_no_schedule_at_all_does_not_stop_the_tick(
    declare: Declare, settings: Settings, caplog: pytest.LogCaptureFixture, schedules: object
) -> None:
    declare()
    settings.TASKS["default"]["OPTIONS"]["SCHEDULES"] = schedules
    settings.TASKS = dict(settings.TASKS)
    assert tick.run()["databases_away"] == 0
    assert caplog.records


def test_an_occurrence_whose_transaction_fails_comes_with_the_next_tick(declare: Declare, stand_in: StandIn) -> None:
    declare(yearly=yearly())
    enqueue_due()
    let_pass(days=365)
    before = row().last_at
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE tasks_schedule ADD CONSTRAINT stuck CHECK (last_task IS NULL) NOT VALID"
        )  # so that what follows the insert of the task fails
        try:
            assert enqueue_due() == 0
        finally:
            cursor.execute("ALTER TABLE tasks_schedule DROP CONSTRAINT stuck")
    assert (tasks(), stand_in.requests, row().last_at) == ([], [], before)
    assert enqueue_due() == 1


@pytest.mark.pins("set")
def test_a_connection_to_a_server_that_was_made_read_only_is_replaced(declare: Declare) -> None:
    declare(yearly=yearly())
    enqueue_due()
    let_pass(days=365)
    demote()
    assert enqueue_due() == 1


def test_a_database_that_is_away_leaves_the_rest_of_the_tick_to_itself(
    declare: Declare, caplog: pytest.LogCaptureFixture
) -> None:
    declare(yearly=yearly())
    port = connection.settings_dict["PORT"]
    connection.close()
    connection.settings_dict["PORT"] = "9"
    try:
        with pytest.raises(DatabaseError):
            enqueue_due()
        assert tick.run() == {"scheduled": 0, "due": 0, "sent": 0, "databases_away": 1}
    finally:
        connection.close()
        connection.settings_dict["PORT"] = port
    assert "schedules left to the next one" in caplog.text


def test_a_database_not_yet_migrated_is_passed_over(declare: Declare) -> None:
    declare(yearly=yearly())
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tasks_schedule RENAME TO elsewhere")
        try:
            assert enqueue_due() == 0
        finally:
            cursor.execute("ALTER TABLE elsewhere RENAME TO tasks_schedule")


def test_the_tick_begins_one_schedule_near_its_end_and_no_more(declare: Declare, stand_in: StandIn) -> None:
    """One, since a function that is shorter than the reserve must not idle."""
    declare(one=yearly(), other=yearly())
    enqueue_due()
    let_pass(days=365)
    with context.invocation(Lambda(seconds=9)):
        assert enqueue_due() == 1
    assert enqueue_due() == 1


@pytest.fixture
def to_other(settings: Settings) -> Iterator[None]:
    settings.DATABASE_ROUTERS = ["tests.serverless.tasks.routers.Chosen"]
    with chosen("other"):
        yield


def test_rows_and_tasks_are_kept_where_the_router_says(declare: Declare, to_other: None) -> None:
    declare(yearly=yearly())
    enqueue_due()
    let_pass(database="other", days=365)
    assert [enqueue_due(), enqueue_due()] == [1, 0]
    assert len(tasks("other")) == 1
    assert not ScheduleRow.objects.using("default").exists()
    assert tasks("default") == []


def test_an_idle_tick_asks_twice(declare: Declare, django_assert_num_queries: object) -> None:
    declare(**{f"yearly-{number}": yearly() for number in range(20)})
    enqueue_due()
    with django_assert_num_queries(2):  # type: ignore[operator]
        enqueue_due()
