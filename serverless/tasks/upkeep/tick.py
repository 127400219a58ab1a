"""Every minute: what the schedules say is enqueued, and whatever should have run or been sent by now gets a message.

Unsent after the commit, refused by SQS, lost on the way, deferred, to be retried, or its worker gone: each is a row
whose ``wake_at`` has passed.
"""

import logging
from collections.abc import Collection, Sequence
from functools import partial
from typing import TypedDict

from django.db import close_old_connections, connections, router, transaction
from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now

from serverless import context
from serverless.db.again import patiently
from serverless.db.failures import DATABASE_ERRORS
from serverless.tasks.models import TABLE, TaskRow
from serverless.tasks.produce import outbox
from serverless.tasks.produce.insert import SEND_WITHIN
from serverless.tasks.produce.outbox import Wake
from serverless.tasks.upkeep import housekeeping
from serverless.tasks.work import pausing

logger = logging.getLogger(__name__)

# Rows locked in one transaction: ten requests to SQS, about 200 ms.
BATCH = 100
# Batches a run in each database. 10,000 messages a minute wake more functions than the backlog's database bears.
MAX_BATCHES = 100
# Seconds before the function's end at which no further batch is begun: one that SQS leaves unanswered takes 7.
RESERVE = 10.0
# The first statement after a freeze may find its connection gone.
RETRY_PAUSES = (0.0,)


class Counts(TypedDict):
    """What a tick did.

    ``scheduled``: tasks enqueued for schedules, ``due``: rows found, ``sent``: messages that SQS took for those,
    ``databases_away``: databases that did not answer.
    """

    scheduled: int
    due: int
    sent: int
    databases_away: int


def run() -> Counts:
    """Enqueue what is scheduled; send a message for every row that should be awake, in each database of the table."""
    counts = Counts(scheduled=0, due=0, sent=0, databases_away=0)
    close_old_connections()
    try:
        counts["scheduled"] = _schedule()
        for database in connections:
            if not router.allow_migrate_model(database, TaskRow):
                continue
            try:
                if patiently(partial(_has_table, database), database=database, pauses=RETRY_PAUSES):
                    _run(database, counts)
                    housekeeping.keep(database, reserve=RESERVE)
            except DATABASE_ERRORS as error:
                counts["databases_away"] += 1
                logger.error("tick: database away", extra={"database": database, "reason": type(error).__name__})
    finally:
        close_old_connections()
    logger.info("tick", extra=dict(counts))
    return counts


def _schedule() -> int:
    from serverless.tasks.schedules.due import enqueue_due  # not in the cold start of web functions, which load this

    try:
        return enqueue_due(reserve=RESERVE)
    except Exception:
        # What waits in the rows is sent all the same; the occurrences are still there in the next minute.
        logger.exception("tick: schedules left to the next one")
        return 0


def _run(database: str, counts: Counts) -> None:
    silent: set[str] = set()
    for batch in range(MAX_BATCHES):
        left = context.remaining()
        if batch and left is not None and left < RESERVE:  # a function that is too short for RESERVE must not idle
            return
        wakes = patiently(lambda: _wake(database, without=silent), database=database, pauses=RETRY_PAUSES)
        counts["due"] += len(wakes)
        sent = outbox.send(wakes)
        counts["sent"] += sent
        if len(wakes) < BATCH:
            return
        if not sent:
            # Queues that take nothing get their next chance in the next minute, and hold up no other.
            silent.update(wake.queue for wake in wakes)


def _has_table(database: str) -> bool:
    return TABLE in connections[database].introspection.table_names()


def _wake(database: str, *, without: Collection[str]) -> Sequence[Wake]:
    """Take a batch of rows out of the way of other ticks for a minute, the longest waiting first."""
    with transaction.atomic(using=database):
        rows = list(
            pausing.not_paused(TaskRow.objects.using(database))
            .filter(wake_at__lte=Now())
            .exclude(queue__in=without)
            .annotate(wait=ExpressionWrapper(F("due_at") - Now(), output_field=DurationField()))
            .order_by("wake_at")
            .select_for_update(skip_locked=True)[:BATCH]
        )
        TaskRow.objects.using(database).filter(pk__in=[row.pk for row in rows]).update(wake_at=Now() + SEND_WITHIN)
    return [Wake.of(row, delay=row.wait.total_seconds()) for row in rows]
