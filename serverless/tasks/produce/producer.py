"""From calls to rows, messages and results; and from a finished row to what follows it."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.db import connections, router, transaction
from django.db.models import F
from django.tasks import TaskResult
from django.tasks.signals import task_enqueued

from serverless.tasks.definition import Arguments, Signature, Task
from serverless.tasks.exceptions import WrongDatabase
from serverless.tasks.flows import Chain, Group
from serverless.tasks.models import State, TaskGroup, TaskRow
from serverless.tasks.produce import outbox
from serverless.tasks.produce.insert import Call, Columns, insert
from serverless.tasks.produce.outbox import Wake
from serverless.tasks.results import find, result_of
from serverless.tasks.values import storable

type Results = "list[TaskResult[..., Any]]"


def enqueue(task: "Task[..., Any]", calls: Sequence[Arguments]) -> Results:
    """Insert the rows of one task; the commit sends for them."""
    return _enqueue(task, calls, using=database_of_rows())


def enqueue_chain(chain: Chain) -> "TaskResult[..., Any]":
    """Insert the first call's row, which knows the others."""
    first, *rest = chain.calls
    (result,) = _enqueue(first.task, [(first.args, first.kwargs)], using=database_of_rows(), chain=_stored(rest))
    return result


def enqueue_group(group: Group) -> Results:
    """Insert the group and a row for each call; ids ascend in the order of the calls."""
    using = database_of_rows()
    results: Results = []
    with transaction.atomic(using=using):
        size = len(group.calls)
        stored = TaskGroup.objects.using(using).create(
            size=size, remaining=size, then=_stored(group.then.calls) if group.then else None
        )
        for _, calls in groupby(group.calls, key=lambda call: id(call.task)):
            same = list(calls)
            arguments = [(call.args, call.kwargs) for call in same]
            results += _enqueue(same[0].task, arguments, using=using, group=stored)
    return results


def follow(row: TaskRow) -> None:
    """Insert what follows a row that is done. Its transaction is open, and did it."""
    if State(row.state) is not State.DONE:
        return
    if row.chain:
        _start(row.chain, [row.return_value], using=row.database)
    if row.group_id is not None:
        groups = TaskGroup.objects.using(row.database).filter(pk=row.group_id)
        groups.update(remaining=F("remaining") - 1)  # whoever is last sees 0, since this locks the row
        group = groups.get()
        if group.remaining == 0 and group.then:
            members = TaskRow.objects.using(row.database).filter(group=group).order_by("pk")
            _start(group.then, [list(members.values_list("return_value", flat=True))], using=row.database)


def _start(calls: Sequence[dict[str, Any]], values: list[Any], *, using: str) -> None:
    head, *rest = calls
    task = find(head["path"], backend=head["backend"], queue=head["queue"], priority=head["priority"])
    given = values if head["takes_value"] else []
    _enqueue(task, [([*given, *head["args"]], head["kwargs"])], using=using, chain=rest or None)


def _enqueue(
    task: "Task[..., Any]",
    calls: Sequence[Arguments],
    *,
    using: str,
    chain: list[dict[str, Any]] | None = None,
    group: TaskGroup | None = None,
) -> Results:
    columns = Columns(
        path=task.module_path,
        backend=task.backend,
        queue=task.queue_name,
        priority=task.priority,
        run_after=task.run_after,
        expires=task.expires_after,
        unique=task.unique,
        chain=chain,
        group=None if group is None else group.pk,
    )
    rows = insert(columns, [_call(task, *call) for call in calls], using=using)
    # One that was there already has its message.
    unsent = [row for row in rows if row.state == State.READY and row.sends == 0]
    outbox.send_on_commit([Wake.of(row, delay=row.due_in) for row in unsent])
    results = [result_of(row, task) for row in rows]
    for result in results:
        task_enqueued.send(type(task.get_backend()), task_result=result)
    return results


def _call(task: "Task[..., Any]", args: Sequence[Any], kwargs: dict[str, Any]) -> Call:
    positional, named = storable(list(args)), storable(dict(kwargs))
    return Call(args=positional, kwargs=named, keys=task.keys(positional, named))


def _stored(calls: Sequence[Signature]) -> list[dict[str, Any]] | None:
    return [call.stored() for call in calls] or None


def database_of_rows() -> str:
    """Return the alias that the router names, if the row's fate is that of the caller's transaction.

    Raises WrongDatabase.
    """
    alias = router.db_for_write(TaskRow)
    if not connections[alias].in_atomic_block:
        elsewhere = [other.alias for other in connections.all(initialized_only=True) if other.in_atomic_block]
        if elsewhere:
            raise WrongDatabase(
                f"The task's row belongs to {alias!r}, where no transaction is open, but one is in "
                f"{', '.join(map(repr, elsewhere))}: its rollback would not take the task back. Enqueue after the "
                f"block, or open one of {alias!r} as well."
            )
    return alias
