"""For tests of code that enqueues: what was enqueued, and to run it there and then."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.tasks import TaskContext, TaskResult, task_backends
from django.test import override_settings

from serverless.tasks.local import DummyBackend

if TYPE_CHECKING:
    from django.tasks import Task as DjangoTask

__all__ = ["CapturedTasks", "captured_tasks"]

DUMMY = "serverless.tasks.local.DummyBackend"


class CapturedTasks:
    """What was enqueued since the block began, in order; also after the transaction that did it was rolled back."""

    @property
    def results(self) -> "list[TaskResult[..., Any]]":
        """The results, of every backend."""
        return [result for backend in _backends() for result in backend.results]

    def of(self, task: "DjangoTask[..., Any]") -> list[tuple[list[Any], dict[str, Any]]]:
        """Return the arguments of each call of ``task``."""
        return [(result.args, result.kwargs) for result in self.results if result.task.func == task.func]

    def run(self) -> list[Any]:
        """Run what was enqueued, and what that enqueues, and return the values. What a task raises is raised."""
        values: list[Any] = []
        while backend := next((backend for backend in _backends() if backend.results), None):
            result = backend.results.pop(0)
            context = [TaskContext(task_result=result)] if result.task.takes_context else []
            value = result.task.call(*context, *result.args, **result.kwargs)
            values.append(value)
            if follow := backend.followers.pop(result.id, None):
                follow(value)
        return values

    def __len__(self) -> int:
        return len(self.results)


@contextmanager
def captured_tasks() -> Iterator[CapturedTasks]:
    """Record in place of every backend of TASKS for the length of the block; nothing is stored or sent."""
    recorded = {
        alias: {"BACKEND": DUMMY, "QUEUES": configured.get("QUEUES", ["default"])}
        for alias, configured in settings.TASKS.items()
    }
    with override_settings(TASKS=recorded):
        yield CapturedTasks()


def _backends() -> list[DummyBackend]:
    return [backend for alias in settings.TASKS if isinstance(backend := task_backends[alias], DummyBackend)]
