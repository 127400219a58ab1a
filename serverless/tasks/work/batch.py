"""An SQS event: claim what is due, run it row by row, answer which messages SQS should deliver again.

Only these come back as failures: messages whose row could not be read or written (the database is away), and bodies
that name no row of ours, which reach the dead-letter queue after ``maxReceiveCount`` receives for a person to see.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypedDict
from uuid import UUID

from django.db import close_old_connections, connections

from serverless.deadline import Deadline
from serverless.events.types import SqsEvent, SqsRecord
from serverless.tasks.exceptions import MalformedMessage
from serverless.tasks.produce.message import Items, loads
from serverless.tasks.work import flood, tally
from serverless.tasks.work.shift import Shift

logger = logging.getLogger(__name__)


class ItemFailure(TypedDict):
    itemIdentifier: str


class BatchResponse(TypedDict):
    batchItemFailures: list[ItemFailure]


def process(event: SqsEvent, *, deadline: Deadline | None = None) -> BatchResponse:
    """Run the tasks that an SQS event's messages name, and return the messages that are to be delivered again.

    ``deadline`` interrupts tasks at their timeout, and before the function's.
    """
    close_old_connections()  # an SQS event has no request signals that would do it
    try:
        mail = _sorted(event["Records"])
        failed = mail.unreadable
        if mail.floods:
            failed += flood.run(mail.floods, deadline=deadline)
        if mail.rows:
            shift = Shift(deadline=deadline)
            for database, messages in mail.rows.items():
                unsettled = shift.run(list(messages), database=database)
                failed += [name for row, names in messages.items() if row in unsettled for name in names]
    finally:
        tally.emit()
        close_old_connections()
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mail:
    """Message ids by database and row; message ids with items by task and database; and those that nobody can read."""

    rows: dict[str, dict[UUID, list[str]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    floods: dict[tuple[str, str], list[tuple[str, Items]]] = field(default_factory=lambda: defaultdict(list))
    unreadable: list[str] = field(default_factory=list)


def _sorted(records: Sequence[SqsRecord]) -> _Mail:
    mail = _Mail()
    for record in records:
        name = record["messageId"]
        try:
            message = loads(record["body"])
            if isinstance(message, Items):
                mail.floods[message.path, message.database].append((name, message))
            elif message.database in connections:
                mail.rows[message.database][message.id].append(name)
            else:
                raise MalformedMessage("This release has no such database.")
        except MalformedMessage as error:
            logger.error("message names no task", extra={"message_id": name, "reason": str(error)})
            mail.unreadable.append(name)
    return mail
