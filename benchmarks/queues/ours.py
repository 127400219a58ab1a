"""Ours. https://docs.djangoproject.com/en/6.1/topics/tasks/ with ``serverless.tasks``."""

import json
from collections import deque
from itertools import batched

from django.db import connection, transaction

from benchmarks.queues.jobs import noop
from benchmarks.queues.meter import timed, traced
from serverless import context
from serverless.events.types import SqsEvent
from serverless.tasks import batch
from serverless.tasks.models import TABLE, TaskRow
from tests.serverless.lambda_context import FakeContext

BATCH = 10  # what SQS hands to a function at once
TRANSACTION = 100

_events: deque[SqsEvent] = deque()


def clear() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {TABLE}")


def enqueue(count: int) -> None:
    for number in range(count):
        noop.enqueue(number)


def enqueue_in_transactions(count: int) -> None:
    for numbers in batched(range(count), TRANSACTION):
        with transaction.atomic():
            for number in numbers:
                noop.enqueue(number)


def make_events(count: int) -> None:
    """Enqueue ``count`` tasks and keep the events that their messages become."""
    enqueue_in_transactions(count)
    ids = TaskRow.objects.order_by("-id").values_list("id", flat=True)[:count]
    _events.extend(_event([str(identifier) for identifier in some]) for some in batched(reversed(ids), BATCH))


def consume(count: int) -> None:
    for _ in range(count // BATCH):
        with context.invocation(FakeContext()):
            assert batch.process(_events.popleft()) == {"batchItemFailures": []}


def _event(ids: list[str]) -> SqsEvent:
    # https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event
    return json.loads(  # type: ignore[no-any-return]
        json.dumps(
            {
                "Records": [
                    {
                        "messageId": identifier,
                        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a...",
                        "body": json.dumps({"task": identifier, "database": "default"}),
                        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1545082649183"},
                        "messageAttributes": {},
                        "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
                        "eventSource": "aws:sqs",
                        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:tasks",
                        "awsRegion": "us-east-1",
                    }
                    for identifier in ids
                ]
            }
        )
    )


MEASURES = {
    "enqueue": timed(enqueue),
    "enqueue in transactions": timed(enqueue_in_transactions),
    "consume": timed(consume, make_events),
    "enqueue: trips": traced(enqueue),
    "enqueue in transactions: trips": traced(enqueue_in_transactions),
    "consume: trips": traced(consume, make_events),
}
