"""Tasks without a row (``durable=False``): the message carries the items, and one call takes those of a whole batch.

For what comes in floods and of which a few may be lost: a send that fails is logged and forgotten. What was sent is
delivered again until the function returns, and may be delivered twice, so items carry ids.
"""

import inspect
import json
import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import batched
from typing import Any, Final

from asgiref.sync import async_to_sync
from django.db import connections, router, transaction
from django.tasks import TaskResult, TaskResultStatus
from django.tasks.exceptions import InvalidTask
from django.utils import timezone

from serverless.deadline import Deadline, DeadlineExceeded
from serverless.ids import uuid7
from serverless.sigv4 import MissingCredentials
from serverless.tasks import timing
from serverless.tasks.exceptions import SendFailed, UnknownTask, UnstorableValue
from serverless.tasks.message import Items
from serverless.tasks.models import TaskRow
from serverless.tasks.queue import MAX_DELAY, Entry, send_batch
from serverless.tasks.results import find
from serverless.tasks.task import Arguments, Task
from serverless.tasks.values import storable

logger = logging.getLogger(__name__)

# An alias that no database has: such a result is not found.
NOWHERE: Final = "without-row"
# Of a message, in bytes: four fill the 1 MiB of a request, and ten the 6 MB of an event by less than half.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
MESSAGE_BYTES: Final = 250_000
MESSAGES: Final = 4

type Delivered = Mapping[str, Sequence[tuple[str, Items]]]
"""By the path of the task: message ids with their items."""


def enqueue(task: "Task[..., Any]", calls: Sequence[Arguments]) -> "list[TaskResult[..., Any]]":
    """Send the items of each call with the commit of the open transaction, if there is one.

    Raises InvalidTask where a call is not one list, or is to start later than SQS can delay, and UnstorableValue.
    """
    items = [item for args, kwargs in calls for item in _items(task, args, kwargs)]
    delay = 0 if task.run_after is None else math.ceil((task.run_after - timezone.now()).total_seconds())
    if delay > MAX_DELAY:
        raise InvalidTask(f"{task.module_path} has no row to wait in: it can start in {MAX_DELAY} s at the latest.")
    entries = [Entry(body=_message(task, chunk).dumps(), delay=max(delay, 0)) for chunk in _chunks(items)]
    url = task.get_backend().options["QUEUE_URLS"][task.queue_name]
    transaction.on_commit(partial(_send, url, entries), using=router.db_for_write(TaskRow), robust=True)
    return [_result(task, args, kwargs) for args, kwargs in calls]


def _message(task: "Task[..., Any]", items: list[Any]) -> Items:
    return Items(path=task.module_path, backend=task.backend, queue=task.queue_name, items=items)


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


# --- the worker's side ----------------------------------------------------------------------------------------------
def run(delivered: Delivered, *, deadline: Deadline | None) -> list[str]:
    """Give each task its items in one call, and return the ids of messages that are to be delivered again."""
    failed: list[str] = []
    for path, messages in delivered.items():
        if _run(path, [items for _, items in messages], deadline=deadline):
            continue
        if len(messages) == 1:
            failed.append(messages[0][0])
        else:  # one bad item fails the call of all: each message alone, the others go through
            failed += [name for name, items in messages if not _run(path, [items], deadline=deadline)]
    return failed


def _run(path: str, messages: Sequence[Items], *, deadline: Deadline | None) -> bool:
    items = [item for message in messages for item in message.items]
    about = {"path": path, "items": len(items)}
    try:
        task = find(path, backend=messages[0].backend, queue=messages[0].queue, priority=0)
    except UnknownTask as error:
        logger.warning("task is unknown to this release", extra=about | {"reason": str(error)})
        return False
    call = partial(async_to_sync(task.func) if inspect.iscoroutinefunction(task.func) else task.func, items)
    try:
        timing.call(call, timing.allotted(task.timeout), deadline=deadline, about=about)
    except DeadlineExceeded:
        connections.close_all()  # their sessions may be in the middle of anything
        logger.exception("items not taken", extra=about)
        return False
    except KeyboardInterrupt:
        raise
    except BaseException:
        logger.exception("items not taken", extra=about)
        return False
    logger.info("items taken", extra=about)
    return True
