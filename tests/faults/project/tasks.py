"""Tasks that work, fail, enqueue others and leave things behind. Each has a ``mark``, its name for the checker."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connection, transaction
from django.utils import timezone, translation

from serverless.tasks import Context, chain, group, task
from tests.faults.project import crashes
from tests.faults.project.runs import Crash, add_effect, history, running


@task
def noop(mark: str) -> str:
    with running(mark) as run:
        return run


@task
def effect(mark: str, crash: Crash = None) -> str:
    with running(mark, crash) as run:
        add_effect(mark, run)
    return run


@task
async def effect_async(mark: str, crash: Crash = None) -> str:
    with running(mark, crash) as run:
        await sync_to_async(add_effect)(mark, run)
        await asyncio.sleep(0)
    return run


@task(takes_context=True)
def fail_first(context: "Context[..., Any]", mark: str, times: int) -> str:
    with running(mark) as run:
        if context.attempt <= times:
            raise LookupError(f"{mark} fails {times} times")
        add_effect(mark, run)
    return run


@task
def fail_always(mark: str) -> None:
    with running(mark):
        raise LookupError(f"{mark} always fails")


@task
def kill_always(mark: str) -> None:
    with running(mark):
        crashes.come_to_grief("kill")


@task
def parent(mark: str, children: int, crash: Crash = None) -> str:
    with running(mark, crash) as run:
        add_effect(mark, run)
        for number in range(children):
            effect.enqueue(mark=f"{mark}.{number}")
    return run


@task(atomic=True)
def atomic_effect(mark: str, crash: Crash = None) -> str:
    with running(mark, crash) as run:
        add_effect(mark, run)
    return run


@task(atomic=True)
def atomic_parent(mark: str, children: int, crash: Crash = None) -> str:
    with running(mark, crash) as run:
        add_effect(mark, run)
        for number in range(children):
            atomic_effect.enqueue(mark=f"{mark}.{number}")
    return run


@task(takes_context=True)
def atomic_finish(context: "Context[..., Any]", mark: str, crash: Crash = None) -> None:
    with running(mark, crash) as run, context.finish(run):
        add_effect(mark, run)


@task(ordered_by=lambda group, **_: group)
def ordered(mark: str, group: str, crash: Crash = None) -> str:
    with running(mark, crash) as run:
        add_effect(mark, run)
    return run


@task(atomic=True)
def atomic_last(before: object, mark: str) -> str:
    """What follows in a chain, or ends a group."""
    with running(mark) as run:
        add_effect(mark, run)
    return run


class _Flow:
    """Called like a task by the view: a chain of three, and a group of three with a last call."""

    def __init__(self, make: Callable[[str], Any]) -> None:
        self._make = make

    def enqueue(self, mark: str) -> Any:
        results = self._make(mark).enqueue()
        return results[0] if isinstance(results, list) else results


chained = _Flow(
    lambda mark: chain(effect.signature(mark=mark), *(atomic_last.signature(mark=f"{mark}.{n}") for n in range(2)))
)
grouped = _Flow(
    lambda mark: group(
        effect.signature(mark=mark),
        *(effect_async.signature(mark=f"{mark}-{n}") for n in range(2)),
        then=atomic_last.signature(mark=f"{mark}.then"),
    )
)


@task
def nap(mark: str, seconds: float) -> str:
    with running(mark) as run:
        time.sleep(seconds)
        add_effect(mark, run)
    return run


@task
def messy(mark: str) -> str:
    """Leave what nobody should: an open transaction, another language and time zone, a session setting."""
    with running(mark) as run:
        add_effect(mark, run)
        connection.set_autocommit(False)
        connection.cursor().execute("SET default_transaction_read_only = off; SET lock_timeout = '77s'")
        translation.activate("de")
        timezone.activate("Asia/Tokyo")
    return run


@task
def observe(mark: str) -> str:
    """Write down what of another's state can be seen here."""
    with running(mark) as run:
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            (lock_timeout,) = cursor.fetchone()
        seen = {
            "language": translation.get_language(),
            "zone": timezone.get_current_timezone_name(),
            "autocommit": connection.get_autocommit(),
            "lock_timeout": lock_timeout,
        }
        history.add("observed", mark, **seen)
        add_effect(mark, run)
    return run


@task
def deadlock(mark: str, first: int, second: int) -> str:
    """Lock two rows, each of two tasks in another order."""
    with running(mark) as run, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE locks SET held = held + 1 WHERE id = %s", [first])
        if crashes.once(f"met-{mark}"):
            crashes.meet("deadlock")
        cursor.execute("UPDATE locks SET held = held + 1 WHERE id = %s", [second])
        add_effect(mark, run)
    return run


@task
def serialize(mark: str) -> str:
    """Read what another writes and write what it reads, both as if alone."""
    with running(mark) as run, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        cursor.execute("SELECT sum(held) FROM locks")
        cursor.fetchone()
        if crashes.once(f"met-{mark}"):
            crashes.meet("serialize")
        cursor.execute("UPDATE locks SET held = held + 1 WHERE id = %s", [1 + len(mark) % 2])
        add_effect(mark, run)
    return run
