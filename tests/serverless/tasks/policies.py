"""Tasks with a policy, whose effect is a row in a table of the same database."""

import asyncio
import time
from contextlib import suppress
from datetime import timedelta
from typing import Any

import psycopg
from django.contrib.auth.models import Group, Permission
from django.db import IntegrityError
from django.utils import timezone, translation

from serverless.tasks import Context, RetryAfter, task
from serverless.tasks.models import TaskRow
from tests.serverless.tasks import jobs


def effects() -> list[str]:
    return list(Group.objects.order_by("pk").values_list("name", flat=True))


def lose_lease() -> None:
    """Stand for another worker that took over meanwhile."""
    TaskRow.objects.update(lease=99)


@task(max_attempts=2, backoff=7.0, max_backoff=7.0)
def twice() -> None:
    raise LookupError


@task(give_up_on=LookupError)
def hopeless(text: str) -> None:
    raise {"key": KeyError, "value": ValueError}[text]


@task(retry_on=(OSError,))
def only_network(text: str) -> None:
    raise {"os": OSError, "value": ValueError}[text]


@task(retry_on=OSError)
def told_when(seconds: float) -> None:
    raise RetryAfter(seconds)


def reach_nobody() -> None:
    """Ask a database where none listens: RFC 863's port."""
    jobs.calls.append("tried")
    psycopg.connect(host="127.0.0.1", port=9, user="x", dbname="x")


@task
def reaches_nobody() -> None:
    reach_nobody()


@task(max_attempts=1)
def reaches_nobody_once() -> None:
    reach_nobody()


@task(max_attempts=1, atomic=True)
def reaches_nobody_once_for_all() -> None:
    Group.objects.create(name="undone")
    reach_nobody()


@task(give_up_on=psycopg.OperationalError)
def gives_up_on_databases() -> None:
    reach_nobody()


@task(atomic=True)
def write(name: str, *, then: str = "") -> str:
    Group.objects.create(name=name)
    if then == "fail":
        raise LookupError(name)
    if then == "lose":
        lose_lease()
    if then == "break":
        jobs.break_connection.func()
    if then == "follow":
        jobs.add.enqueue(1, 2)
    return name


@task(takes_context=True)
def write_at_the_end(context: "Context[Any, Any]", name: str, then: str = "") -> str:
    jobs.calls.append(name)
    with context.finish({"name": name}):
        Group.objects.create(name=name)
        if then == "lose":
            lose_lease()
        if then == "fail inside":
            raise LookupError(name)
    if then == "fail after":
        raise LookupError(name)
    return "not this"


@task(takes_context=True)
def catches_its_commit(context: "Context[Any, Any]") -> str:
    try:
        with context.finish("written"):
            Permission.objects.create(name="x", codename="x", content_type_id=-1)  # no such row, says the commit
    except IntegrityError:
        return "not written"
    return "no error"


@task(takes_context=True)
def told(context: "Context[Any, Any]") -> float | None:
    return context.remaining()


@task(timeout=0.2)
def endless() -> None:
    jobs.calls.append("began")
    time.sleep(20)


@task(timeout=0.2)
async def endless_coroutine() -> None:
    try:
        await asyncio.sleep(20)
    finally:
        jobs.calls.append("cancelled")


@task(timeout=0.2)
def catches_its_end() -> str:
    with suppress(KeyboardInterrupt):
        time.sleep(20)
    return "had time to tidy"


@task
def patient() -> None:
    time.sleep(20)


@task(timeout=5.0)
async def own_timeout() -> None:
    raise TimeoutError("of something else")


@task(unique="drop")
def once(value: object = None, *, note: str = "") -> object:
    jobs.calls.append(value)
    return value


@task(unique="replace", unique_by=lambda gallery, **_: gallery)
def latest(gallery: str | None, *, note: str = "") -> str:
    jobs.calls.append((gallery, note))
    return note


@task(unique="replace", unique_by=lambda gallery, **_: gallery)
def replaced_while_it_runs(gallery: str, *, note: str) -> str:
    jobs.calls.append(note)
    if note == "first":
        replaced_while_it_runs.enqueue(gallery, note="second")
    return note


@task(ordered_by=lambda album, *_: album)
def in_order(album: str | None, number: int, then: str = "") -> int:
    jobs.calls.append((album, number))
    if then == "fail":
        raise LookupError
    return number


@task(ordered_by=lambda album, _: album, unique="drop", unique_by=lambda _, number: number)
def once_in_order(album: str, number: int | None) -> None:
    jobs.calls.append(number)


@task(unique="replace")
def again_tomorrow(number: int) -> None:
    jobs.calls.append(number)
    again_tomorrow.using(run_after=timezone.now() + timedelta(days=1)).enqueue(number)


@task(limit_by=lambda _: "all", concurrency=2, ordered_by=lambda album: album)
def two_in_order(album: str) -> None:
    jobs.calls.append(album)


@task(limit_by=lambda studio: studio, concurrency=2)
def two_a_studio(studio: str) -> None:
    jobs.calls.append(studio)


@task(rate="10/m")
def ten_a_minute(number: int) -> None:
    jobs.calls.append(number)


@task
def plus(a: int, b: int) -> int:
    return a + b


@task
def total(values: list[int]) -> int:
    return sum(values)


@task(max_attempts=1)
def fail_once(value: int) -> int:
    jobs.calls.append(value)
    if len(jobs.calls) == 1:
        raise LookupError
    return value


@task(ordered_by=lambda value: value // 0)
def broken_key(value: int) -> int:
    return value


@task(durable=False)
def opened(events: list[dict[str, Any]]) -> None:
    jobs.calls.append(events)
    if {"bad": True} in events:
        raise LookupError


@task(durable=False, timeout=0.2)
def opened_slowly(events: list[int]) -> None:
    jobs.calls.append(events)
    time.sleep(20)


@task(durable=False, timeout=0.2)
async def opened_by_a_coroutine(events: list[int]) -> None:
    jobs.calls.append("began")
    try:
        await asyncio.sleep(2)
        jobs.calls.append("went on")
    finally:
        jobs.calls.append("cancelled")


@task(durable=False)
def opened_in_german(events: list[int]) -> None:
    translation.activate("de")
