"""Tasks without a row (``durable=False``), sent: the message carries the items.

For what comes in floods and of which a few may be lost: a send that fails is logged and forgotten.
"""

import json
import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import batched
from typing import Any, Final

from django.db import transaction
from django.tasks import TaskResult, TaskResultStatus
from django.tasks.exceptions import InvalidTask
from django.utils import timezone

from serverless.ids import uuid7
from serverless.sigv4 import MissingCredentials
from serverless.tasks.definition import Arguments, Task
from serverless.tasks.exceptions import SendFailed, UnstorableValue
from serverless.tasks.produce.message import Items
from serverless.tasks.produce.producer import database_of_rows
from serverless.tasks.produce.queue import MAX_DELAY, Entry, send_batch
from serverless.tasks.values import storable

logger = logging.getLogger(__name__)

# An alias that no database has: such a result is not found.
NOWHERE: Final = "without-row"
# Of a message, in bytes: four fill the 1 MiB of a request, and ten the 6 MB of an event by less than half.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
MESSAGE_BYTES: Final = 250_000
MESSAGES: Final = 4


def enqueue(task: "Task[..., Any]", calls: Sequence[Arguments]) -> "list[TaskResult[..., Any]]":
    """Send the items of each call with the commit of the open transaction, if there is one.

    Raises InvalidTask where a call is not one list, or is to start later than SQS can delay, and UnstorableValue.
    """
    items = [item for args, kwargs in calls for item in _items(task, args, kwargs)]
    delay = 0 if task.run_after is None else math.ceil((task.run_after - timezone.now()).total_seconds())
    if delay > MAX_DELAY:
        raise InvalidTask(f"{task.module_path} has no row to wait in: it can start in {MAX_DELAY} s at the latest.")
    using = database_of_rows()
    entries = [Entry(body=_message(task, chunk, using).dumps(), delay=max(delay, 0)) for chunk in _chunks(items)]
    url = task.get_backend().options["QUEUE_URLS"][task.queue_name]
    transaction.on_commit(partial(_send, url, entries), using=using, robust=True)
    return [_result(task, args, kwargs) for args, kwargs in calls]


def _message(task: "Task[..., Any]", items: list[Any], database: str) -> Items:
    return Items(path=task.module_path, backend=task.backend, queue=task.queue_name, items=items, database=database)


def _items(task: "Task[..., Any]", args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Any]:
    if kwargs or len(args) != 1 or not isinstance(args[0], list):
        raise InvalidTask(f"{task.module_path} has no row: it takes one list of items, and nothing else.")
    return [storable(item) for item in args[0]]


def _chunks(items: Sequence[Any]) -> Iterator[list[Any]]:
    chunk: list[Any] = []
    size = 0
    for item in items:
        length = len(json.dumps(item)) + 2
        if length > MESSAGE_BYTES:
            raise UnstorableValue(
                f"An item has {length:,} bytes of {MESSAGE_BYTES:,}: pass the key of a stored object."
            )
        if size + length > MESSAGE_BYTES:
            yield chunk
            chunk, size = [], 0
        chunk.append(item)
        size += length
    if chunk:
        yield chunk


def _send(url: str, entries: Sequence[Entry]) -> None:
    for batch in batched(entries, MESSAGES):
        try:
            refused = send_batch(url, batch)
        except (SendFailed, MissingCredentials) as error:
            logger.error("items lost", extra={"messages": len(batch), "reason": str(error)})
        else:
            if refused:
                logger.error("items lost", extra={"messages": len(refused), "reason": ", ".join({*refused.values()})})


def _result(task: "Task[..., Any]", args: Sequence[Any], kwargs: Mapping[str, Any]) -> "TaskResult[..., Any]":
    return TaskResult(
        task=task,
        id=f"{NOWHERE}:{uuid7()}",
        status=TaskResultStatus.READY,
        enqueued_at=None,
        started_at=None,
        finished_at=None,
        last_attempted_at=None,
        args=list(args),
        kwargs=dict(kwargs),
        backend=task.backend,
        errors=[],
        worker_ids=[],
    )
