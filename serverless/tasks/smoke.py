"""A task that does nothing, kept from the queue: a release hands its message to the new worker and to no other."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models.functions import Now
from django.tasks import task_backends

from serverless.release import running
from serverless.tasks.definition import Keys, task
from serverless.tasks.models import Pause, TaskRow
from serverless.tasks.produce import producer
from serverless.tasks.produce.insert import Call, Columns, insert
from serverless.tasks.produce.message import Message
from serverless.tasks.results import result_id

__all__ = ["Unsent", "insert_unsent", "nothing"]

# Later the tick sends it, as it does all that is unfinished: longer than a release tries it, short enough to leave
# nothing behind where one was broken off.
KEPT_BACK: Final = timedelta(minutes=15)


def _queue() -> str:
    """Return a queue that the default backend has: ``default``, or else the first by name."""
    queues = getattr(task_backends["default"], "queues", None) or {"default"}
    return "default" if "default" in queues else min(queues)


@task(queue_name=_queue())
def nothing() -> dict[str, str]:
    """Return which release ran it."""
    return running()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsent:
    """``task``: the result's id. ``message``: the body that wakes a worker. ``paused``: whether it skips the row."""

    task: str
    database: str
    message: str
    paused: bool


def insert_unsent() -> Unsent:
    """Insert a row of ``nothing`` and send no message. Raises the database's errors."""
    database = producer.database_of_rows()
    columns = Columns(
        path=nothing.module_path, backend=nothing.backend, queue=nothing.queue_name, priority=nothing.priority
    )
    with transaction.atomic(using=database):
        (row,) = insert(columns, [Call(args=[], kwargs={}, keys=Keys())], using=database)
        TaskRow.objects.using(database).filter(pk=row.pk).update(wake_at=Now() + KEPT_BACK)
        paused = Pause.objects.using(database).filter(name__in=[row.queue, row.path]).exists()
    message = Message(id=row.pk, database=database).dumps()
    return Unsent(task=result_id(row), database=database, message=message, paused=paused)
