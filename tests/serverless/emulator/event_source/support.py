"""A queue of the real SQS API, a mapping that polls it, and what its function was given."""

import asyncio
import json
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from serverless.emulator.aws import AwsClient
from serverless.emulator.config import EventSourceConfig
from serverless.emulator.event_source import EventSource, Queue, describe
from serverless.emulator.function import Function

MAPPING = EventSourceConfig(
    enabled=True, batch_size=10, batching_window_s=0, maximum_concurrency=2, report_batch_item_failures=True
)


@asynccontextmanager
async def queue(*, visibility: int, redrive: dict[str, Any] | None = None) -> AsyncIterator[tuple[AwsClient, Queue]]:
    """A queue of the test's own."""
    aws = AwsClient(os.environ)
    attributes = {"VisibilityTimeout": str(visibility)}
    if redrive:
        attributes["RedrivePolicy"] = json.dumps(redrive)
    made = await aws.sqs("CreateQueue", QueueName=f"q-{uuid.uuid4().hex}", Attributes=attributes)
    try:
        yield aws, await describe(aws, made["QueueUrl"])
    finally:
        await aws.sqs("DeleteQueue", QueueUrl=made["QueueUrl"])
        await aws.close()


@asynccontextmanager
async def polling(
    function: Function, aws: AwsClient, queue: Queue, log: list[str], **changes: Any
) -> AsyncIterator[EventSource]:
    """A mapping that polls until the block ends; `changes` to MAPPING."""
    config = replace(MAPPING, **changes)
    source = EventSource(function, aws=aws, queue=queue, config=config, log=log.append)
    task = asyncio.create_task(source.run())
    try:
        yield source
    finally:
        task.cancel()
        async with asyncio.timeout(1):  # though a long poll of 20 s is under way
            await asyncio.gather(task, return_exceptions=True)


async def send(aws: AwsClient, queue: Queue, *bodies: str) -> None:
    """Ten in a call."""
    entries = [{"Id": str(index), "MessageBody": body} for index, body in enumerate(bodies)]
    for start in range(0, len(entries), 10):
        await aws.sqs("SendMessageBatch", QueueUrl=queue.url, Entries=entries[start : start + 10])


async def settled(aws: AwsClient, queue: Queue, expected: tuple[int, int], *, seconds: float = 12) -> bool:
    """Whether as many messages wait, and are in flight, in time. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while True:
            if await counts(aws, queue) == expected:
                return True
            await asyncio.sleep(0.05)


async def counts(aws: AwsClient, queue: Queue) -> tuple[int, int]:
    """Messages that wait, and messages in flight."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = await aws.sqs("GetQueueAttributes", QueueUrl=queue.url, AttributeNames=names)
    return int(answer["Attributes"][names[0]]), int(answer["Attributes"][names[1]])


def events(log: list[str]) -> list[dict[str, Any]]:
    """What the handler `batch` was given."""
    return [json.loads(line.partition("batch ")[2]) for line in log if "batch {" in line]


def records(log: list[str]) -> list[dict[str, Any]]:
    """The records of all its events, in order."""
    return [record for event in events(log) for record in event["Records"]]


def receives(log: list[str], body: str) -> list[str]:
    """The receive count of a message each time it was delivered."""
    return [record["attributes"]["ApproximateReceiveCount"] for record in records(log) if record["body"] == body]
