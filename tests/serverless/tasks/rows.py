"""Rows in every state, without running anything."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from serverless.tasks.models import State, TaskRow
from serverless.tasks.values import describe
from tests.serverless.tasks.jobs import add


def row(state: str = "ready", *, age: float = 0, path: str = "", queue: str = "default", **fields: Any) -> TaskRow:
    """Store one row that was enqueued ``age`` seconds ago; a finished one ended then, after two seconds of waiting."""
    now = timezone.now() - timedelta(seconds=age)
    finished = state in {State.DONE, State.DEAD}
    times: dict[str, Any] = {"due_at": now, "wake_at": now}
    if state == State.RUNNING:
        later = now + timedelta(seconds=60)
        times = {"due_at": later, "wake_at": later, "worker_ids": ["request-9"]}
    if finished:
        begun = now - timedelta(seconds=1)
        times = {"started_at": begun, "last_attempted_at": begun, "finished_at": now}
    given = {"state": state, "enqueued_at": now - timedelta(seconds=3 if finished else 0), **times, **fields}
    return TaskRow.objects.create(path=path or add.module_path, backend="default", queue=queue, **given)


def dead(message: str = "no such photo", **fields: Any) -> TaskRow:
    return row("dead", attempts=5, errors=[describe(LookupError(message))] * 5, **fields)
