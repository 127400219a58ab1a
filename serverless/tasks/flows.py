"""Chains and groups: what follows a task is inserted by the transaction that ends it, and so exactly once.

A group's last call comes when all of its tasks are done. One that died holds it back; another round for that one (the
admin, ``manage.py tasks retry``) completes the group.
"""

from dataclasses import dataclass
from typing import Any

from django.tasks import TaskResult
from django.tasks.exceptions import InvalidTask

from serverless.tasks.task import Signature

__all__ = ["Chain", "Group", "chain", "group"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Calls one after the other, each with the value of the one before as its first argument."""

    calls: tuple[Signature, ...]

    def enqueue(self) -> "TaskResult[..., Any]":
        """Enqueue the first call, which starts the others; return its result."""
        return self.calls[0].task.get_backend().enqueue_chain(self)  # type: ignore[attr-defined, no-any-return] # ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Calls of any order, and one that gets the list of their values once all are done."""

    calls: tuple[Signature, ...]
    then: Chain | None

    def enqueue(self) -> "list[TaskResult[..., Any]]":
        """Enqueue all calls or none; return their results in order."""
        return self.calls[0].task.get_backend().enqueue_group(self)  # type: ignore[attr-defined, no-any-return] # ours


def chain(*calls: Signature) -> Chain:
    """Return ``calls`` as a chain. Raises InvalidTask for what cannot be one."""
    return Chain(calls=_linkable(calls))


def group(*calls: Signature, then: Signature | Chain | None = None) -> Group:
    """Return ``calls`` as a group. Raises InvalidTask for what cannot be one."""
    last = chain(then) if isinstance(then, Signature) else then
    _linkable((*calls, *(last.calls if last else ())))
    return Group(calls=_linkable(calls), then=last)


def _linkable(calls: tuple[Signature, ...]) -> tuple[Signature, ...]:
    if not calls:
        raise InvalidTask("There is nothing to enqueue: give at least one signature.")
    if len({call.task.backend for call in calls}) > 1:
        raise InvalidTask("All calls belong to one backend: rows of two are not ended by one transaction.")
    for call in calls:
        if not call.task.durable:
            raise InvalidTask(f"{call.task.module_path} has no row, and so no end that another call could follow.")
        if call.task.unique:
            raise InvalidTask(f"{call.task.module_path} is unique: dropped or replaced, it would end nothing.")
    return calls
