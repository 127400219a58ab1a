"""Ours. https://docs.djangoproject.com/en/6.1/topics/tasks/ with ``serverless.tasks``."""

import json
import uuid
from collections import deque
from collections.abc import Iterable
from itertools import batched

from django.db import connection, transaction
from django.tasks import TaskResult

from benchmarks.queues.meter import timed, traced
from serverless import context
from serverless.events.types import SqsEvent
from serverless.tasks import task
from serverless.tasks.models import TABLE
from serverless.tasks.produce.message import Items
from serverless.tasks.work import batch
from tests.serverless.lambda_context import FakeContext

BATCH = 10  # what SQS hands to a function at once
TRANSACTION = 100

_events: deque[SqsEvent] = deque()


@task()
def noop(number: int) -> None:
    pass


@task(atomic=True)
def atomic_noop(number: int) -> None:
    pass


@task(durable=False)
def flood(items: list[int]) -> None:
    pass


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


def enqueue_many(count: int) -> None:
    for numbers in batched(range(count), TRANSACTION):
        with transaction.atomic():
            noop.enqueue_many([([number], {}) for number in numbers])


def enqueue_flood(count: int) -> None:
    for numbers in batched(range(count), TRANSACTION):
        flood.enqueue(list(numbers))


def make_events(count: int) -> None:
    """Enqueue ``count`` tasks and keep the events that their messages become."""
    _keep(noop.enqueue_many([([number], {}) for number in range(count)]))


def make_atomic_events(count: int) -> None:
    _keep(atomic_noop.enqueue_many([([number], {}) for number in range(count)]))


def make_flood_events(count: int) -> None:
    """One item a message, which is the most that a message can cost."""
    message = Items(path=flood.module_path, backend="default", queue="default", items=[1]).dumps()
    _events.extend(_event([message] * BATCH) for _ in range(count // BATCH))


def consume(count: int) -> None:
    for _ in range(count // BATCH):
        with context.invocation(FakeContext()):
            assert batch.process(_events.popleft()) == {"batchItemFailures": []}


def _keep(results: "Iterable[TaskResult[..., None]]") -> None:
    messages = [json.dumps({"task": result.id.partition(":")[2], "database": "default"}) for result in results]
    _events.extend(_event(list(some)) for some in batched(messages, BATCH))


def _event(messages: list[str]) -> SqsEvent:
    # https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event
    return json.loads(  # type: ignore[no-any-return]
        json.dumps(
            {
                "Records": [
                    {
                        "messageId": str(uuid.uuid4()),
                        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a...",
                        "body": message,
                        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1545082649183"},
                        "messageAttributes": {},
                        "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
                        "eventSource": "aws:sqs",
                        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:tasks",
                        "awsRegion": "us-east-1",
                    }
                    for message in messages
                ]
            }
        )
    )


MEASURES = {
    "enqueue": timed(enqueue),
    "enqueue in transactions": timed(enqueue_in_transactions),
    "enqueue_many": timed(enqueue_many),
    "enqueue without rows": timed(enqueue_flood),
    "consume": timed(consume, make_events),
    "consume atomic": timed(consume, make_atomic_events),
    "consume without rows": timed(consume, make_flood_events),
    "enqueue: trips": traced(enqueue),
    "enqueue in transactions: trips": traced(enqueue_in_transactions),
    "enqueue_many: trips": traced(enqueue_many),
    "consume: trips": traced(consume, make_events),
    "consume atomic: trips": traced(consume, make_atomic_events),
}
