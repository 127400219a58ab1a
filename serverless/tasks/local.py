"""The same tasks without a queue: run at once, or only recorded. For tests, shells, and projects not yet on AWS.

Django's own immediate and dummy backends refuse our options where a module with a task is imported.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import django.tasks.backends.dummy
import django.tasks.backends.immediate
from django.tasks import TaskResult, TaskResultStatus

from serverless.tasks.flows import Chain, Group
from serverless.tasks.task import Arguments, Signature, Task, validate

if TYPE_CHECKING:
    from django.tasks import Task as DjangoTask

__all__ = ["DummyBackend", "ImmediateBackend"]


class ImmediateBackend(django.tasks.backends.immediate.ImmediateBackend):
    """Runs a task where it is enqueued, once: no retries, no waiting for ``run_after``, no limits."""

    task_class = Task
    supports_defer = True

    def validate_task(self, task: "DjangoTask[..., Any]") -> None:
        super().validate_task(task)
        if isinstance(task, Task):
            validate(task)

    def enqueue_many[**P, R](self, task: "DjangoTask[P, R]", calls: Sequence[Arguments]) -> "list[TaskResult[P, R]]":
        return [self.enqueue(task, list(args), kwargs) for args, kwargs in calls]

    def enqueue_chain(self, chain: Chain) -> "TaskResult[..., Any]":
        first, *rest = chain.calls
        result = self.enqueue(first.task, list(first.args), first.kwargs)
        if rest and result.status == TaskResultStatus.SUCCESSFUL:
            _given(rest, result.return_value).enqueue()
        return result

    def enqueue_group(self, group: Group) -> "list[TaskResult[..., Any]]":
        results = [self.enqueue(call.task, list(call.args), call.kwargs) for call in group.calls]
        if group.then and all(result.status == TaskResultStatus.SUCCESSFUL for result in results):
            _given(group.then.calls, [result.return_value for result in results]).enqueue()
        return results


class DummyBackend(django.tasks.backends.dummy.DummyBackend):
    """Records what is enqueued. ``followers``: what is to be called with the value of a result, by its id."""

    task_class = Task

    def __init__(self, alias: str, params: dict[str, Any]) -> None:
        super().__init__(alias, params)
        self.followers: dict[str, Callable[[Any], object]] = {}

    def validate_task(self, task: "DjangoTask[..., Any]") -> None:
        super().validate_task(task)
        if isinstance(task, Task):
            validate(task)

    def enqueue_many[**P, R](self, task: "DjangoTask[P, R]", calls: Sequence[Arguments]) -> "list[TaskResult[P, R]]":
        return [self.enqueue(task, list(args), kwargs) for args, kwargs in calls]

    def enqueue_chain(self, chain: Chain) -> "TaskResult[..., Any]":
        first, *rest = chain.calls
        result = self.enqueue(first.task, list(first.args), first.kwargs)
        if rest:
            self.followers[result.id] = lambda value: _given(rest, value).enqueue()
        return result

    def enqueue_group(self, group: Group) -> "list[TaskResult[..., Any]]":
        results = [self.enqueue(call.task, list(call.args), call.kwargs) for call in group.calls]
        values: dict[str, Any] = {}

        def collect(identifier: str, value: Any) -> None:
            values[identifier] = value
            if group.then and len(values) == len(results):
                _given(group.then.calls, [values[result.id] for result in results]).enqueue()

        for result in results:
            self.followers[result.id] = partial(collect, result.id)
        return results


def _given(calls: Sequence[Signature], value: Any) -> Chain:
    """Return ``calls`` as a chain whose first gets ``value`` before its own arguments, if it takes it."""
    head, *rest = calls
    return Chain(calls=(replace(head, args=(value, *head.args)) if head.takes_value else head, *rest))
