"""The ``django.tasks`` backend: ``enqueue`` writes the row and leaves the message to the commit."""

from dataclasses import replace
from typing import Any

from django.core.checks import CheckMessage
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, router
from django.tasks import Task, TaskResult
from django.tasks.backends.base import BaseTaskBackend
from django.tasks.base import DEFAULT_TASK_PRIORITY, TASK_MAX_PRIORITY, TASK_MIN_PRIORITY
from django.tasks.exceptions import InvalidTask, TaskResultDoesNotExist
from django.tasks.signals import task_enqueued
from django.utils.module_loading import import_string

from serverless.tasks.exceptions import WrongDatabase
from serverless.tasks.values import storable

OPTIONS = frozenset({"QUEUE_URLS", "RETENTION"})


class SQSBackend(BaseTaskBackend):
    """Tasks as rows of PostgreSQL, woken by messages in SQS.

    OPTIONS: ``QUEUE_URLS``, the URL of each queue in QUEUES; ``RETENTION``, how long finished rows stay. Models
    are imported where they are used: ``@task`` builds the backend while apps are still loading.
    """

    supports_defer = True
    supports_async_task = True
    supports_get_result = True
    # Priority orders the rows of one batch, which is less than this flag promises.
    supports_priority = False

    def __init__(self, alias: str, params: dict[str, Any]) -> None:
        super().__init__(alias, params)
        if unknown := sorted(set(self.options) - OPTIONS):
            raise ImproperlyConfigured(
                f"TASKS[{alias!r}]['OPTIONS'] has unknown keys: {', '.join(unknown)}. Known: {', '.join(OPTIONS)}."
            )

    def validate_task(self, task: "Task[..., Any]") -> None:
        """Accept what Django's base class does, and any priority: reusable apps set one."""
        if task.priority == DEFAULT_TASK_PRIORITY:
            super().validate_task(task)
            return
        if task.priority != int(task.priority) or not TASK_MIN_PRIORITY <= task.priority <= TASK_MAX_PRIORITY:
            raise InvalidTask(f"priority must be a whole number from {TASK_MIN_PRIORITY} to {TASK_MAX_PRIORITY}.")
        replace(task, priority=DEFAULT_TASK_PRIORITY)  # a new Task validates itself

    def enqueue[**P, R](self, task: "Task[P, R]", args: Any, kwargs: Any) -> "TaskResult[P, R]":
        """Insert the row in the open transaction of the database the router names; its commit sends the message.

        Raises InvalidTask for a task that a worker would not find under its name, UnstorableValue for arguments that
        are not JSON, WrongDatabase inside another database's transaction, and the database's own errors.
        """
        from serverless.tasks import outbox
        from serverless.tasks.models import TaskRow
        from serverless.tasks.results import result_of

        self._check_path(task)
        row = TaskRow(
            path=task.module_path,
            backend=self.alias,
            queue=task.queue_name,
            priority=task.priority,
            args=storable(list(args)),
            kwargs=storable(dict(kwargs)),
            run_after=task.run_after,
        )
        row.insert(using=_database(router.db_for_write(TaskRow)))
        delay = (task.run_after - row.enqueued_at).total_seconds() if task.run_after else 0.0
        outbox.send_on_commit(outbox.Wake.of(row, delay=delay))
        result = result_of(row, task)
        task_enqueued.send(type(self), task_result=result)
        return result

    def get_result(self, result_id: str) -> "TaskResult[..., Any]":
        """Read the result from the database named in its id.

        Raises TaskResultDoesNotExist, or UnknownTask where this release lacks the task.
        """
        from serverless.tasks.models import TaskRow
        from serverless.tasks.results import parse_result_id, resolve, result_of

        database, identifier = parse_result_id(result_id)
        try:
            row = TaskRow.objects.using(database).get(pk=identifier, backend=self.alias)
        except TaskRow.DoesNotExist:
            raise TaskResultDoesNotExist(result_id) from None
        return result_of(row, resolve(row))

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        from serverless.tasks.checks import check_backend

        return [*super().check(**kwargs), *check_backend(self)]

    @staticmethod
    def _check_path(task: "Task[..., Any]") -> None:
        try:
            found = import_string(task.module_path)
        except ImportError:
            found = None
        if not isinstance(found, Task) or found.func is not task.func:
            raise InvalidTask(f"{task.module_path} is not this task: give the Task the name of its function.")


def _database(alias: str) -> str:
    """Return ``alias``, if the row's fate is that of the caller's transaction. Raises WrongDatabase."""
    if not connections[alias].in_atomic_block:
        elsewhere = [other.alias for other in connections.all(initialized_only=True) if other.in_atomic_block]
        if elsewhere:
            raise WrongDatabase(
                f"The task's row belongs to {alias!r}, where no transaction is open, but one is in "
                f"{', '.join(map(repr, elsewhere))}: its rollback would not take the task back. Enqueue after the "
                f"block, or open one of {alias!r} as well."
            )
    return alias
