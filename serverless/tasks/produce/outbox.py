"""From rows to messages: one SendMessageBatch for all that a transaction enqueued, after its commit.

Nothing here raises for a failed send: the row has its ``wake_at``, and the tick sends again.
"""

import logging
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import batched
from typing import Any, Self
from uuid import UUID

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.tasks import task_backends
from django.tasks.exceptions import InvalidTaskBackend

from serverless.db.failures import DATABASE_ERRORS
from serverless.sigv4 import MissingCredentials
from serverless.tasks.exceptions import SendFailed
from serverless.tasks.models import TaskRow
from serverless.tasks.produce.message import Message
from serverless.tasks.produce.queue import MAX_BATCH, MAX_DELAY, Entry, send_batch

logger = logging.getLogger(__name__)

# Seconds after which the tick sends once more what SQS took: doubled with each send, because a message may honestly
# wait in a long queue, and duplicates would make it longer.
RESEND_AFTER = 120
RESEND_AT_MOST = 3600

_CONFIRM = """
WITH sent AS (
    SELECT task.id FROM tasks_taskrow AS task
    JOIN unnest(%(ids)s::uuid[], %(leases)s::int[]) AS given (id, lease)
        ON task.id = given.id AND task.lease = given.lease
    WHERE task.wake_at IS NOT NULL
    ORDER BY task.id FOR UPDATE OF task SKIP LOCKED
)
UPDATE tasks_taskrow AS task
SET sends = task.sends + 1,
    wake_at = GREATEST(task.due_at, statement_timestamp())
        + LEAST(%(most)s::float8, %(after)s::float8 * 2 ^ LEAST(task.sends, 16)) * interval '1 second'
FROM sent WHERE task.id = sent.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wake:
    """One message to send for a row as it was at its ``lease``; ``delay`` in seconds until the row is due."""

    id: UUID
    database: str
    lease: int
    backend: str
    queue: str
    delay: float

    @classmethod
    def of(cls, row: TaskRow, *, delay: float = 0.0) -> Self:
        return cls(id=row.pk, database=row.database, lease=row.lease, backend=row.backend, queue=row.queue, delay=delay)

    def entry(self) -> Entry:
        body = Message(id=self.id, database=self.database).dumps()
        return Entry(body=body, delay=max(0, math.ceil(self.delay)))


class _Flush:
    """Sends what the hooks before it have put in, once for each row, unless a later one does."""

    def __init__(self, wakes: list[Wake]) -> None:
        self.wakes = wakes
        self.last = True

    def __call__(self) -> None:
        if self.last:
            # A row that was enqueued often, as those of a unique key are, is due when the last of them says.
            send({wake.id: wake for wake in self.wakes}.values())
            self.wakes.clear()  # a test may go on with the transaction after its hooks ran


def send_on_commit(wakes: Sequence[Wake]) -> None:
    """Send ``wakes``, all of one database, once its transaction commits, with all else that the transaction enqueued.

    A hook per call lets Django drop those of a savepoint that is rolled back. A ``_Flush`` after it belongs to no
    savepoint, so that the last one runs whatever is dropped before it, and sends for all.
    """
    if not wakes:
        return
    database = wakes[0].database
    connection = connections[database]
    pending: list[Wake] = []
    if (before := _last_flush(connection)) is not None:
        before.last = False
        pending = before.wakes
    transaction.on_commit(partial(pending.extend, wakes), using=database, robust=True)
    flush = _Flush(pending)
    if connection.in_atomic_block:
        connection.run_on_commit.append((set(), flush, True))  # type: ignore[arg-type] # the stubs lack `robust`
    else:
        transaction.on_commit(flush, using=database, robust=True)


def _last_flush(connection: BaseDatabaseWrapper) -> _Flush | None:
    hooks = (hook[1] for hook in reversed(connection.run_on_commit))
    return next((hook for hook in hooks if isinstance(hook, _Flush)), None)


def send(wakes: Iterable[Wake]) -> int:
    """Send wakes in as few requests as possible, put off the rows' next send, and return how many SQS took.

    A row that is due later than SQS can delay is left to the tick.
    """
    by_queue: dict[str, list[Wake]] = defaultdict(list)
    for wake in wakes:
        if wake.delay <= MAX_DELAY and (url := _queue_url(wake)):
            by_queue[url].append(wake)
    accepted: dict[str, list[Wake]] = defaultdict(list)
    for url, queued in by_queue.items():
        for wake in _send_to(url, queued):
            accepted[wake.database].append(wake)
    for database, sent in accepted.items():
        _confirm(sent, database=database)
    return sum(map(len, accepted.values()))


def _send_to(url: str, wakes: Sequence[Wake]) -> list[Wake]:
    accepted: list[Wake] = []
    for batch in batched(wakes, MAX_BATCH):
        try:
            refused = send_batch(url, [wake.entry() for wake in batch])
        except (SendFailed, MissingCredentials) as error:
            # The caller waits: a queue that does not answer is not asked again for the rest.
            unsent = len(wakes) - len(accepted)
            logger.warning("tasks not sent, left to the tick", extra={"count": unsent, "reason": str(error)})
            break
        for index, code in refused.items():
            logger.warning("task refused by SQS, left to the tick", extra={"task": batch[index].id, "code": code})
        accepted += [wake for index, wake in enumerate(batch) if index not in refused]
    return accepted


def _confirm(sent: Sequence[Wake], *, database: str) -> None:
    parameters: dict[str, Any] = {
        "ids": [wake.id for wake in sent],
        "leases": [wake.lease for wake in sent],
        "after": RESEND_AFTER,
        "most": RESEND_AT_MOST,
    }
    try:
        with connections[database].cursor() as cursor:
            cursor.execute(_CONFIRM, parameters)
    except DATABASE_ERRORS as error:
        logger.warning(
            "sent tasks not confirmed, they will be sent again",
            extra={"count": len(sent), "reason": type(error).__name__},
        )


def _queue_url(wake: Wake) -> str | None:
    """Return the URL from the settings, or None (and a log line) where this release does not have the queue."""
    try:
        url: str = task_backends[wake.backend].options["QUEUE_URLS"][wake.queue]
    except (InvalidTaskBackend, KeyError):
        logger.error(
            "task has no queue in this release",
            extra={"task": wake.id, "backend": wake.backend, "queue": wake.queue},
        )
        return None
    return url
