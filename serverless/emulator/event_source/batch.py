"""Messages become batches: gathered over several receives, split where an event would be too large.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html#invocation-eventsourcemapping-batching
"""

import json
import math
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

from serverless.emulator import limits
from serverless.emulator.config import EventSourceConfig
from serverless.events import build
from serverless.events.types import SqsAttribute, SqsMessage

# How many messages at most, and for how many whole seconds to wait for the first of them.
type Receive = Callable[[int, int], Awaitable[list[SqsMessage]]]


async def gather(
    receive: Receive, config: EventSourceConfig, *, arn: str, clock: Callable[[], float] = time.monotonic
) -> list[SqsMessage]:
    """Receive until the window ends, the batch is full or its event reaches 6 MB; nothing after a long poll in vain.

    The window begins with the call: on AWS, when the invocation before completes. The first receive is a long poll,
    whatever the window: AWS, too, may wait for 20 s where traffic is low.
    """
    ends = clock() + config.batching_window_s
    room = limits.LAMBDA_REQUEST_BYTES - _size([], arn)
    wait: int = limits.SQS_LONG_POLL
    messages: list[SqsMessage] = []
    while True:
        received = await receive(min(config.batch_size - len(messages), limits.SQS_BATCH_MESSAGES), wait)
        messages += received
        room -= sum(_record_size(message, arn) for message in received)
        left = ends - clock()
        if not messages or len(messages) == config.batch_size or room <= 0 or left <= 0:
            return messages
        wait = min(math.ceil(left), limits.SQS_LONG_POLL)


def split(messages: Sequence[SqsMessage], *, arn: str) -> Iterator[list[SqsMessage]]:
    """The same messages in the same order, each list small enough for an event."""
    empty = _size([], arn)
    batch: list[SqsMessage] = []
    size = empty
    for message in messages:
        more = _record_size(message, arn)
        if batch and size + more > limits.LAMBDA_REQUEST_BYTES:
            yield batch
            batch, size = [], empty
        batch.append(message)
        size += more
    if batch:
        yield batch


def parse(raw: dict[str, Any]) -> SqsMessage:
    """A message of ReceiveMessage as a record of the event has it."""
    message: SqsMessage = {
        "messageId": raw["MessageId"],
        "receiptHandle": raw["ReceiptHandle"],
        "body": raw["Body"],
        "attributes": raw.get("Attributes", {}),
        "messageAttributes": {name: _attribute(given) for name, given in raw.get("MessageAttributes", {}).items()},
        "md5OfBody": raw["MD5OfBody"],
    }
    if "MD5OfMessageAttributes" in raw:
        message["md5OfMessageAttributes"] = raw["MD5OfMessageAttributes"]
    return message


def _attribute(given: dict[str, str]) -> SqsAttribute:
    attribute: SqsAttribute = {"stringListValues": [], "binaryListValues": [], "dataType": given["DataType"]}
    if "StringValue" in given:
        attribute["stringValue"] = given["StringValue"]
    if "BinaryValue" in given:
        attribute["binaryValue"] = given["BinaryValue"]
    return attribute


def _record_size(message: SqsMessage, arn: str) -> int:
    return _size([message], arn) - _size([], arn) + len(",")


def _size(messages: Sequence[SqsMessage], arn: str) -> int:
    event = build.sqs(messages, queue_arn=arn)
    return len(json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode())
