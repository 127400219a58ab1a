import asyncio
import json
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from serverless.emulator.aws import AwsClient, AwsError
from serverless.emulator.event_source import EventSource, failed_ids
from serverless.emulator.results import Failure, Result
from tests.serverless.emulator.support import eventually, function_config, in_loop, running

BATCH = ["m1", "m2", "m3"]


def answered(answer: object) -> set[str]:
    return set(failed_ids(Result(payload=json.dumps(answer).encode()), BATCH))


@pytest.mark.parametrize("answer", [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}, {"other": 1}])
def test_these_answers_are_a_success(answer: object) -> None:
    assert answered(answer) == set()


def test_named_messages_failed() -> None:
    assert answered({"batchItemFailures": [{"itemIdentifier": "m2"}, {"itemIdentifier": "m2"}]}) == {"m2"}


@pytest.mark.parametrize(
    "failures",
    [
        [{"itemIdentifier": ""}],
        [{"itemIdentifier": None}],
        [{"messageId": "m1"}],
        [{"itemIdentifier": "m1"}, {"itemIdentifier": "unknown"}],
        ["m1"],
        "m1",
        {"itemIdentifier": "m1"},
    ],
)
def test_these_answers_fail_the_whole_batch(failures: object) -> None:
    assert answered({"batchItemFailures": failures}) == set(BATCH)


@pytest.mark.parametrize("payload", [b"not json", b'"text"', b"[]"])
def test_other_shapes_fail_the_whole_batch(payload: bytes) -> None:
    assert failed_ids(Result(payload=payload), BATCH) == set(BATCH)


@pytest.mark.parametrize("failure", list(Failure))
def test_a_function_error_fails_the_whole_batch(failure: Failure) -> None:
    assert failed_ids(Result(payload=b'{"batchItemFailures": []}', failure=failure), BATCH) == set(BATCH)


@asynccontextmanager
async def queue(*, visibility: int) -> AsyncIterator[tuple[AwsClient, str]]:
    """A queue of the test's own."""
    aws = AwsClient(os.environ)
    attributes = {"VisibilityTimeout": str(visibility)}
    made = await aws.sqs("CreateQueue", QueueName=f"q-{uuid.uuid4().hex}", Attributes=attributes)
    try:
        yield aws, str(made["QueueUrl"])
    finally:
        await aws.sqs("DeleteQueue", QueueUrl=made["QueueUrl"])
        await aws.close()


async def counts(aws: AwsClient, url: str) -> tuple[int, int]:
    """Messages that wait, and messages in flight."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer: dict[str, Any] = await aws.sqs("GetQueueAttributes", QueueUrl=url, AttributeNames=names)
    return int(answer["Attributes"][names[0]]), int(answer["Attributes"][names[1]])


async def send(aws: AwsClient, url: str, *bodies: str) -> None:
    attribute = {"trace": {"DataType": "String", "StringValue": "t-1"}}
    entries = [
        {"Id": str(index), "MessageBody": body, "MessageAttributes": attribute} for index, body in enumerate(bodies)
    ]
    await aws.sqs("SendMessageBatch", QueueUrl=url, Entries=entries)


async def settled(aws: AwsClient, url: str, expected: tuple[int, int], *, seconds: float = 8) -> bool:
    async with asyncio.timeout(seconds):
        while True:
            if await counts(aws, url) == expected:
                return True
            await asyncio.sleep(0.05)


def records(log: list[str]) -> list[dict[str, Any]]:
    events = [json.loads(line.partition("batch ")[2]) for line in log if "batch {" in line]
    return [record for event in events for record in event["Records"]]


@in_loop
async def test_successes_are_deleted_and_failures_come_back_when_their_visibility_ends() -> None:
    log: list[str] = []
    async with queue(visibility=2) as (aws, url), running(function_config("handlers.batch"), log=log) as function:
        await send(aws, url, "ok", "fail", "fine")
        source = EventSource(function, aws=aws, queue_url=url, batch_size=10, log=log.append)
        polling = asyncio.create_task(source.run())
        assert await settled(aws, url, (0, 1))
        await eventually(lambda: sum(record["body"] == "fail" for record in records(log)) > 1)
        polling.cancel()
        await asyncio.gather(polling, return_exceptions=True)
    assert sorted(record["body"] for record in records(log) if record["body"] != "fail") == ["fine", "ok"]
    record = next(record for record in records(log) if record["body"] == "ok")
    assert record["eventSource"] == "aws:sqs"
    assert record["eventSourceARN"].endswith(url.rpartition("/")[2])
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["attributes"]["SentTimestamp"].isdigit()
    assert record["messageAttributes"]["trace"]["stringValue"] == "t-1"


@in_loop
async def test_a_raised_error_leaves_the_whole_batch_in_flight_and_a_poll_ends_at_once() -> None:
    log: list[str] = []
    async with queue(visibility=60) as (aws, url), running(function_config("handlers.batch"), log=log) as function:
        await send(aws, url, "ok", "raise")
        source = EventSource(function, aws=aws, queue_url=url, batch_size=10, log=log.append)
        polling = asyncio.create_task(source.run())
        await eventually(lambda: any("as asked" in line for line in log))
        await asyncio.sleep(0.2)
        assert await counts(aws, url) == (0, 2)
        polling.cancel()
        async with asyncio.timeout(1):  # the long poll of 20 s is still under way
            await asyncio.gather(polling, return_exceptions=True)


@in_loop
async def test_a_queue_that_does_not_answer_is_tried_again() -> None:
    log: list[str] = []
    environ = {**os.environ, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    aws = AwsClient(environ)
    with pytest.raises(AwsError, match="SQS GetQueueUrl failed"):
        await aws.sqs("GetQueueUrl", QueueName="q")
    async with running(function_config("handlers.batch")) as function:
        source = EventSource(function, aws=aws, queue_url="http://127.0.0.1:9/1/q", batch_size=1, log=log.append)
        polling = asyncio.create_task(source.run())
        await eventually(lambda: len(log) > 1)
        polling.cancel()
        await asyncio.gather(polling, return_exceptions=True)
    await aws.close()
    assert all(line.endswith("Trying again in 1 s.") for line in log)
