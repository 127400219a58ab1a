"""Tasks without a row (``durable=False``), run: one call takes the items of a whole batch.

What was sent is delivered again until the function returns, and may be delivered twice, so items carry ids.
"""

import logging
from collections.abc import Mapping, Sequence
from contextvars import copy_context
from functools import partial

from serverless.connections import abandon
from serverless.db.shards import beside
from serverless.deadline import Deadline, DeadlineExceeded
from serverless.tasks.exceptions import UnknownTask
from serverless.tasks.produce.message import Items
from serverless.tasks.results import find
from serverless.tasks.work import timing

logger = logging.getLogger(__name__)

type Delivered = Mapping[tuple[str, str], Sequence[tuple[str, Items]]]
"""By the path of the task and the database: message ids with their items."""


def run(delivered: Delivered, *, deadline: Deadline | None) -> list[str]:
    """Give each task its items in one call, and return the ids of messages that are to be delivered again."""
    failed: list[str] = []
    for (path, database), messages in delivered.items():
        with beside(database):
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
        if task.durable:  # a message may not run what only a row can order
            raise UnknownTask(f"{path} has rows.")
    except UnknownTask as error:
        logger.warning("task is unknown to this release", extra=about | {"reason": str(error)})
        return False
    call = partial(
        timing.call, partial(task.func, items), timing.allotted(task.timeout), deadline=deadline, about=about
    )
    try:
        copy_context().run(call)  # the language or time zone that it activates is not the next task's
    except DeadlineExceeded:
        abandon()
        logger.exception("items not taken", extra=about)
        return False
    except KeyboardInterrupt:
        raise
    except BaseException:
        logger.exception("items not taken", extra=about)
        return False
    logger.info("items taken", extra=about)
    return True
