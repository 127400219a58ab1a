"""The ``django.tasks`` backend: ``enqueue`` writes the row and leaves the message to the commit."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from django.core.checks import CheckMessage
from django.core.exceptions import ImproperlyConfigured
from django.tasks import TaskResult
from django.tasks.backends.base import BaseTaskBackend
from django.tasks.base import DEFAULT_TASK_PRIORITY, TASK_MAX_PRIORITY, TASK_MIN_PRIORITY
from django.tasks.exceptions import InvalidTask, TaskResultDoesNotExist
from django.utils.module_loading import import_string

from serverless.tasks.definition import Arguments, Task, validate
from serverless.tasks.flows import Chain, Group

if TYPE_CHECKING:
    from django.tasks import Task as DjangoTask

OPTIONS = frozenset({"BATCH_WINDOW", "FUNCTION_TIMEOUT", "QUEUE_URLS", "RETENTION", "SCHEDULES"})


class SQSBackend(BaseTaskBackend):
    """Tasks as rows of PostgreSQL, woken by messages in SQS.

    OPTIONS: ``QUEUE_URLS``, the URL of each queue in QUEUES; ``RETENTION``, how long finished rows stay; ``SCHEDULES``,
    what the minute tick enqueues; ``FUNCTION_TIMEOUT`` and ``BATCH_WINDOW``, in seconds, for checks. Models are
    imported where they are used: ``@task`` builds the backend while apps are still loading.
    """

    task_class = Task
    supports_defer = True
    supports_async_task = True
    supports_get_result = True
    # Priority orders the rows of one batch, which is less than this flag promises.
    supports_priority = False

    def __init__(self, alias: str, params: dict[str, Any]) -> None:
        super().__init__(alias, params)
        if unknown := sorted(set(self.options) - OPTIONS):
            raise ImproperlyConfigured(
                f"TASKS[{alias!r}]['OPTIONS'] has unknown keys: {', '.join(unknown)}. "
                f"Known: {', '.join(sorted(OPTIONS))}."
            )

    def validate_task(self, task: "DjangoTask[..., Any]") -> None:
        """Accept what Django's base class does, and any priority: reusable apps set one."""
        if isinstance(task, Task):
            validate(task)
        if task.priority == DEFAULT_TASK_PRIORITY:
            super().validate_task(task)
            return
        if task.priority != int(task.priority) or not TASK_MIN_PRIORITY <= task.priority <= TASK_MAX_PRIORITY:
            raise InvalidTask(f"priority must be a whole number from {TASK_MIN_PRIORITY} to {TASK_MAX_PRIORITY}.")
        replace(task, priority=DEFAULT_TASK_PRIORITY)  # a new Task validates itself

    def enqueue[**P, R](self, task: "DjangoTask[P, R]", args: Any, kwargs: Any) -> "TaskResult[P, R]":
        """Insert the row in the open transaction of the database the router names; its commit sends the message.

        Raises InvalidTask for a task that a worker would not find under its name, UnstorableValue for arguments that
        are not JSON, WrongDatabase inside another database's transaction, and the database's own errors.
        """
        (result,) = self.enqueue_many(task, [(args, kwargs)])
        return result

    def enqueue_many[**P, R](self, task: "DjangoTask[P, R]", calls: Sequence[Arguments]) -> "list[TaskResult[P, R]]":
        """Insert a row for each of ``calls``, all or none. Raises what ``enqueue`` does."""
        from serverless.tasks.produce import flood, producer

        if not _checked(task).durable:
            return cast("list[TaskResult[P, R]]", flood.enqueue(_checked(task), calls))
        return cast("list[TaskResult[P, R]]", producer.enqueue(_checked(task), calls)) if calls else []

    def enqueue_chain(self, chain: Chain) -> "TaskResult[..., Any]":
        """Insert the row of a chain's first call. Raises what ``enqueue`` does."""
        from serverless.tasks.produce import producer

        for call in chain.calls:
            _checked(call.task)
        return producer.enqueue_chain(chain)

    def enqueue_group(self, group: Group) -> "list[TaskResult[..., Any]]":
        """Insert a row for each call of a group, all or none. Raises what ``enqueue`` does."""
        from serverless.tasks.produce import producer

        for call in (*group.calls, *(group.then.calls if group.then else ())):
            _checked(call.task)
        return producer.enqueue_group(group)

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
        from serverless.tasks.checks.settings import check_backend

        return [*super().check(**kwargs), *check_backend(self)]


def _checked[**P, R](task: "DjangoTask[P, R]") -> "Task[P, R]":
    """Return a task that a worker will find under its name, or raise InvalidTask."""
    try:
        found = _named(task.module_path)
    except ImportError:
        found = None
    if not isinstance(found, Task) or found.func is not task.func:
        raise InvalidTask(f"{task.module_path} is not this task: give the Task the name of its function.")
    return cast("Task[P, R]", task)


@cache
def _named(path: str) -> object:
    return import_string(path)
