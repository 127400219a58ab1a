"""An SQS event: claim what is due, run it row by row, answer which messages SQS should deliver again.

Only these come back as failures: messages whose row could not be read or written (the database is away), and bodies
that name no row of ours, which reach the dead-letter queue after ``maxReceiveCount`` receives for a person to see.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

import logging
from collections import defaultdict
from collections.abc import Sequence
from typing import TypedDict
from uuid import UUID

from django.db import close_old_connections, connections

from serverless.deadline import Deadline
from serverless.events.types import SqsEvent, SqsRecord
from serverless.tasks.exceptions import MalformedMessage
from serverless.tasks.message import Message
from serverless.tasks.shift import Shift

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
        shift = Shift(deadline=deadline)
        wanted, failed = _read(event["Records"])
        for database, messages in wanted.items():
            unsettled = shift.run(list(messages), database=database)
            failed += [name for row, names in messages.items() if row in unsettled for name in names]
    finally:
        close_old_connections()
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def _read(records: Sequence[SqsRecord]) -> tuple[dict[str, dict[UUID, list[str]]], list[str]]:
    """Return message ids by database and row, and those of messages that name no row of ours."""
    wanted: dict[str, dict[UUID, list[str]]] = defaultdict(lambda: defaultdict(list))
    failed: list[str] = []
    for record in records:
        try:
            message = Message.loads(record["body"])
            if message.database not in connections:
                raise MalformedMessage("This release has no such database.")
        except MalformedMessage as error:
            logger.error("message names no task", extra={"message_id": record["messageId"], "reason": str(error)})
            failed.append(record["messageId"])
        else:
            wanted[message.database][message.id].append(record["messageId"])
    return wanted, failed
