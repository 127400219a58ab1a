"""The SQS event source mapping of one queue: long poll, batch, invoke, delete what succeeded.

What failed is left alone: it becomes visible again when the queue's visibility timeout ends, as on AWS.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

import asyncio
from collections.abc import Sequence, Set
from typing import Any, Final

from serverless.emulator import limits
from serverless.emulator.aws import AwsClient, AwsError
from serverless.emulator.function import Function
from serverless.emulator.logs import Log
from serverless.emulator.results import PayloadTooLarge, Result
from serverless.events import build
from serverless.events.types import SqsMessage

_RETRY_S: Final = 1.0


class EventSource:
    """Polls until cancelled, one poller for each environment that the function may have."""

    def __init__(self, function: Function, *, aws: AwsClient, queue_url: str, batch_size: int, log: Log) -> None:
        self._function = function
        self._aws = aws
        self._queue_url = queue_url
        self._batch_size = batch_size
        self._log = log

    async def run(self) -> None:
        """Poll for ever; ends by cancellation only."""
        arn = await self._arn()
        async with asyncio.TaskGroup() as pollers:
            for _ in range(self._function.config.concurrency):
                pollers.create_task(self._poll(arn))

    async def _arn(self) -> str:
        while True:
            try:
                answer = await self._aws.sqs(
                    "GetQueueAttributes", QueueUrl=self._queue_url, AttributeNames=["QueueArn"]
                )
                return str(answer["Attributes"]["QueueArn"])
            except AwsError as problem:
                await self._back_off(problem)

    async def _poll(self, arn: str) -> None:
        while True:
            try:
                await self._batch(arn)
            except AwsError as problem:
                await self._back_off(problem)

    async def _batch(self, arn: str) -> None:
        answer = await self._aws.sqs(
            "ReceiveMessage",
            QueueUrl=self._queue_url,
            MaxNumberOfMessages=self._batch_size,
            WaitTimeSeconds=limits.SQS_LONG_POLL,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        messages = [_message(raw) for raw in answer.get("Messages", ())]
        if not messages:
            return
        try:
            result = await self._function.invoke(build.sqs(messages, queue_arn=arn), wait=True)
        except PayloadTooLarge:
            self._log(f"A batch of {len(messages)} messages is over Lambda's 6 MB: lower the batch size.")
            return
        failures = failed_ids(result, [message["messageId"] for message in messages])
        await self._delete([message for message in messages if message["messageId"] not in failures])

    async def _delete(self, messages: Sequence[SqsMessage]) -> None:
        if not messages:
            return
        entries = [
            {"Id": str(index), "ReceiptHandle": message["receiptHandle"]} for index, message in enumerate(messages)
        ]
        await self._aws.sqs("DeleteMessageBatch", QueueUrl=self._queue_url, Entries=entries)

    async def _back_off(self, problem: AwsError) -> None:
        self._log(f"{problem} Trying again in {_RETRY_S:.0f} s.")
        await asyncio.sleep(_RETRY_S)


def failed_ids(result: Result, batch: Sequence[str]) -> Set[str]:
    """Which messages of the batch failed, by the grammar of ReportBatchItemFailures.

    Nothing, `{}`, or an empty or null `batchItemFailures` is a success. A function error, JSON of another shape, an
    empty, null or unknown identifier, or a bad key name is a failure of the whole batch.
    """
    whole = frozenset(batch)
    if result.failure:
        return whole
    try:
        answer = result.json()
    except ValueError:
        return whole
    if answer is None:
        return frozenset()
    if not isinstance(answer, dict):
        return whole
    identifiers = _identifiers(answer.get("batchItemFailures"))
    return whole if identifiers is None or not identifiers <= whole else identifiers


def _identifiers(failures: object) -> frozenset[str] | None:
    if failures is None:
        return frozenset()
    if not isinstance(failures, list):
        return None
    found = [item.get("itemIdentifier") if isinstance(item, dict) else None for item in failures]
    identifiers = [identifier for identifier in found if isinstance(identifier, str) and identifier]
    return frozenset(identifiers) if len(identifiers) == len(found) else None


def _message(raw: dict[str, Any]) -> SqsMessage:
    return {
        "messageId": raw["MessageId"],
        "receiptHandle": raw["ReceiptHandle"],
        "body": raw["Body"],
        "attributes": raw.get("Attributes", {}),
        "messageAttributes": {
            name: {key[0].lower() + key[1:]: value for key, value in attribute.items()}
            for name, attribute in raw.get("MessageAttributes", {}).items()
        },
        "md5OfBody": raw["MD5OfBody"],
    }
