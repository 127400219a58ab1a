"""Tasks whose options say how often, when and beside which others they run, and one that has no row."""

import time
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from serverless.tasks import task
from tests.faults.project import crashes
from tests.faults.project.runs import Crash, add_effect, history, running


@task(unique="drop", unique_by=lambda key, **_: key)
def unique_drop(mark: str, key: str, seconds: float = 0.0, crash: Crash = None) -> str:
    return _work(mark, seconds, crash)


@task(unique="replace", unique_by=lambda key, **_: key)
def unique_replace(mark: str, key: str, seconds: float = 0.0, crash: Crash = None) -> str:
    return _work(mark, seconds, crash)


@task(limit_by=lambda group, **_: group, concurrency=1)
def limited(mark: str, group: str, seconds: float = 0.0, crash: Crash = None) -> str:
    return _work(mark, seconds, crash)


@task(ordered_by=lambda order, **_: order, limit_by=lambda group, **_: group, concurrency=1)
def limited_in_order(mark: str, order: str, group: str, seconds: float = 0.0, crash: Crash = None) -> str:
    return _work(mark, seconds, crash)


@task(limit_by=lambda group, **_: group, rate="10/m")
def paced(mark: str, group: str, crash: Crash = None) -> str:
    return _work(mark, 0.0, crash)


@task(expires_after=timedelta(seconds=2))
def expiring(mark: str, crash: Crash = None) -> str:
    """Write down how much too late it begins; what lost its lease meanwhile may, since its outcome does not count."""
    with running(mark, crash) as run:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXTRACT(epoch FROM clock_timestamp() - expires_at)::float8, due_at > clock_timestamp()"
                " FROM tasks_taskrow WHERE kwargs->>'mark' = %s",
                [mark],
            )
            late, leased = cursor.fetchone()
        history.add("in time" if late <= 0 else "late", mark, seconds=late, leased=leased)
        add_effect(mark, run)
    return run


@task
def occurrence(mark: str) -> str:
    return _work(mark, 0.0, None)


@task(durable=False)
def flood(items: list[dict[str, Any]]) -> None:
    """Take what each call of ``flooded`` sent; an item that ``fails`` so often fails all that came with it."""
    with transaction.atomic():
        for item in items:
            with running(item["mark"], item["crash"]) as run:
                if any(crashes.once(f"{item['mark']}-fails-{number}") for number in range(item["fails"])):
                    raise LookupError(f"{item['mark']} fails {item['fails']} times")
                add_effect(item["mark"], run)


class _Flooded:
    """Called like a task by the view: one item, in a message of its own."""

    def enqueue(self, mark: str, fails: int = 0, crash: Crash = None) -> Any:
        return flood.enqueue([{"mark": mark, "fails": fails, "crash": crash}])


flooded = _Flooded()


def _work(mark: str, seconds: float, crash: Crash) -> str:
    with running(mark, crash) as run:
        time.sleep(seconds)
        add_effect(mark, run)
    return run
