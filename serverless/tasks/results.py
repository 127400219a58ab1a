"""From a row to Django's Task and TaskResult, and the id that finds the row again."""

from dataclasses import replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.core.signals import setting_changed
from django.db import connections
from django.dispatch import receiver
from django.tasks import TaskResult
from django.tasks.base import TaskError
from django.tasks.exceptions import InvalidTask, InvalidTaskBackend, TaskResultDoesNotExist
from django.utils.module_loading import import_string

from serverless.tasks.exceptions import UnknownTask
from serverless.tasks.models import STATUS, State, TaskRow
from serverless.tasks.task import Task


def result_id(row: TaskRow) -> str:
    """Return ``<database alias>:<id>``, so that a result is found whichever database its transaction chose."""
    return f"{row.database}:{row.pk}"


def parse_result_id(text: str) -> tuple[str, UUID]:
    """Return the alias and the id. Raises TaskResultDoesNotExist for what ``result_id`` does not write."""
    database, _, identifier = text.rpartition(":")
    try:
        parsed = UUID(identifier)
    except ValueError:
        raise TaskResultDoesNotExist(text) from None
    if database not in connections:
        raise TaskResultDoesNotExist(text)
    return database, parsed


def resolve(row: TaskRow) -> "Task[..., Any]":
    """Return the task that a row names, with the row's own queue, priority and start.

    Raises UnknownTask where the path leads to anything but a Task of an existing backend and queue.
    """
    task = find(row.path, backend=row.backend, queue=row.queue, priority=row.priority)
    return task if row.run_after is None else replace(task, run_after=row.run_after)


@lru_cache(maxsize=1024)
def find(path: str, *, backend: str, queue: str, priority: int) -> "Task[..., Any]":
    """Return the task under a dotted path, for these. Raises UnknownTask; what is found is kept."""
    try:
        task = import_string(path)
    except Exception as error:  # a module may raise anything while it is imported
        raise UnknownTask(f"{path} cannot be imported: {type(error).__name__}. {UnknownTask.__doc__}") from error
    if not isinstance(task, Task):
        raise UnknownTask(f"{path} is not a task of this backend. {UnknownTask.__doc__}")
    try:
        return replace(task, backend=backend, queue_name=queue, priority=priority)
    except (InvalidTask, InvalidTaskBackend) as error:
        raise UnknownTask(f"{path}: {error} {UnknownTask.__doc__}") from error


@receiver(setting_changed)
def _forget(*, setting: str, **_: object) -> None:
    if setting == "TASKS":
        find.cache_clear()


def result_of[**P, R](row: TaskRow, task: "Task[P, R]") -> "TaskResult[P, R]":
    """Return Django's view of ``row``."""
    result: TaskResult[P, R] = TaskResult(
        task=task,
        id=result_id(row),
        status=STATUS[State(row.state)],
        enqueued_at=row.enqueued_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        last_attempted_at=row.last_attempted_at,
        args=row.args,
        kwargs=row.kwargs,
        backend=row.backend,
        errors=[TaskError(**error) for error in row.errors],
        worker_ids=list(row.worker_ids),
    )
    object.__setattr__(result, "_return_value", row.return_value)  # as django.tasks' own backends set it
    return result
