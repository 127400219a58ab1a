"""How tasks write down what they do: in the history, which survives everything, and in ``effects``, which rolls back.

``crash`` says where and how the process of a task comes to grief, once: ``["before effect", "kill"]``.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.dispatch import receiver
from django.tasks import TaskResult
from django.tasks.signals import task_finished

from tests.faults.history import History
from tests.faults.project import crashes

history = History(crashes.HOME / "history")

type Crash = list[str] | None


@contextmanager
def running(mark: str, crash: Crash = None) -> Iterator[str]:
    """Write down the begin and the end of a run, which gets a name of its own."""
    run = uuid.uuid4().hex[:8]
    history.add("began", mark, run=run)
    try:
        _step("before effect", mark, crash)
        yield run
        _step("after effect", mark, crash)
    except BaseException as error:
        history.add("raised", mark, run=run, error=type(error).__name__)
        raise
    history.add("ended", mark, run=run)


def _step(where: str, mark: str, crash: Crash) -> None:
    if crash and crash[0] == where and crashes.once(f"{mark}-{crash[1]}"):
        history.add("crashes", mark, how=crash[1], where=where)
        crashes.come_to_grief(crash[1])


@receiver(task_finished)
def _finished(task_result: "TaskResult[..., Any]", **_: object) -> None:
    """The last that a worker does about a task, before it answers for the batch."""
    if crash := task_result.kwargs.get("crash"):
        _step("after report", task_result.kwargs["mark"], crash)


def add_effect(mark: str, run: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO effects (mark, run) VALUES (%s, %s)", [mark, run])
