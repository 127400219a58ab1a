from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.tasks import task_backends
from pytest_django.fixtures import Settings

from serverless import context
from serverless.tasks import group
from serverless.tasks.models import RateLimit, State, TaskGroup, TaskRow
from serverless.tasks.upkeep import retention, tick
from tests.serverless.tasks.conftest import Lambda, StandIn, only_row, process
from tests.serverless.tasks.policies import plus, ten_a_minute, total
from tests.serverless.tasks.rows import dead, row

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "other"])

DAY = 86_400.0


def keep(settings: Settings, **ages: Any) -> None:
    options = settings.TASKS["default"]["OPTIONS"] | {"RETENTION": ages}
    settings.TASKS = {"default": settings.TASKS["default"] | {"OPTIONS": options}}


def left() -> set[object]:
    return set(TaskRow.objects.values_list("pk", flat=True))


def test_the_tick_deletes_what_has_outlived_the_defaults(stand_in: StandIn) -> None:
    kept = {row("done", age=6.9 * DAY).pk, dead(age=89 * DAY).pk, row("running").pk}
    row("done", age=7.1 * DAY)
    dead(age=91 * DAY)
    tick.run()
    assert left() == kept


def test_unfinished_rows_are_never_deleted(stand_in: StandIn) -> None:
    for state in ("ready", "running"):
        row(state, age=400 * DAY)
    tick.run()
    assert len(left()) == 2


def test_a_backend_states_its_own(stand_in: StandIn, settings: Settings) -> None:
    keep(settings, done=timedelta(hours=1), dead=None)
    row("done", age=2 * 3600)
    dead(age=1000 * DAY)
    assert retention.retention(task_backends["default"])["dead"] is None
    retention.prune_finished("default")
    assert [one.state for one in TaskRow.objects.all()] == ["dead"]


def test_rows_of_another_backend_stay(stand_in: StandIn) -> None:
    row("done", age=30 * DAY)
    TaskRow.objects.update(backend="theirs")
    assert retention.prune_finished("default") == 0


def test_batches_are_bounded_and_so_is_a_tick(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    monkeypatch.setattr(retention, "MAX_BATCHES", 3)
    for _ in range(8):
        row("done", age=30 * DAY)
    assert [retention.prune_finished("default") for _ in range(3)] == [6, 2, 0]


def test_the_oldest_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 1)
    newer = row("done", age=30 * DAY)
    row("done", age=40 * DAY)
    assert retention.prune("default", state=State.DONE, age=timedelta(days=7)) == 1
    assert left() == {newer.pk}


@pytest.mark.parametrize("state", [State.READY, State.RUNNING])
def test_only_finished_states_are_pruned(state: State) -> None:
    with pytest.raises(ValueError, match="Only finished"):
        retention.prune("default", state=state, age=timedelta(0))


def test_each_database_is_kept_in_order(stand_in: StandIn) -> None:
    row("done", age=30 * DAY)
    TaskRow.objects.using("other").bulk_create(TaskRow.objects.all())
    tick.run()
    assert not TaskRow.objects.using("other").exists()


def test_an_index_serves_it() -> None:
    TaskRow.objects.bulk_create([TaskRow(**values) for values in _many(3000)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tasks_taskrow")
        given: dict[str, Any] = {"state": "done", "age": 7 * DAY, "backend": "default", "limit": 1000}
        cursor.execute("EXPLAIN " + retention._PRUNE, given)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Scan using tasks_finished" in plan


def _many(count: int) -> list[dict[str, Any]]:
    one = row("done", age=DAY)
    fields = {name: getattr(one, name) for name in ("path", "backend", "queue", "state", "enqueued_at", "finished_at")}
    return [fields] * count


def test_the_tick_stops_before_the_function_does(stand_in: StandIn) -> None:
    row("done", age=30 * DAY)
    with context.invocation(Lambda(seconds=5)):
        tick.run()
    assert len(left()) == 1


def test_a_group_is_kept_until_all_of_it_is_done(stand_in: StandIn) -> None:
    group(plus.signature(1, 2), plus.signature(3, 4), then=total.signature()).enqueue()
    first, second = TaskRow.objects.order_by("pk")
    process(first)
    TaskRow.objects.filter(pk=first.pk).update(finished_at=first.enqueued_at - timedelta(days=30))
    retention.prune_finished("default")
    assert TaskRow.objects.count() == 2
    process(second)
    assert TaskRow.objects.order_by("-pk")[0].args == [[3, 7]]
    TaskRow.objects.filter(state="done").update(finished_at=first.enqueued_at - timedelta(days=30))
    retention.prune_finished("default")
    assert TaskRow.objects.count() == 1
    assert TaskGroup.objects.count() == 0


def test_rates_of_long_ago_are_forgotten(stand_in: StandIn) -> None:
    ten_a_minute.enqueue(1)
    process(only_row())
    retention.prune_finished("default")
    assert RateLimit.objects.count() == 1
    RateLimit.objects.update(next_at=F("next_at") - timedelta(hours=2))
    retention.prune_finished("default")
    assert RateLimit.objects.count() == 0
