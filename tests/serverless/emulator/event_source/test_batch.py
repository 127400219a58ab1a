"""https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html#invocation-eventsourcemapping-batching"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from serverless.emulator import limits
from serverless.emulator.event_source.batch import gather, parse, split
from serverless.events import build
from serverless.events.types import SqsMessage
from tests.serverless.emulator.event_source.support import MAPPING

ARN = "arn:aws:sqs:us-east-1:123456789012:mail"
RAW = {"MessageId": "m", "ReceiptHandle": "r", "Body": "", "Attributes": {}, "MD5OfBody": ""}
EMPTY = len(json.dumps(build.sqs([parse(RAW)], queue_arn=ARN), separators=(",", ":")))


def message(size: int = 0, letter: str = "x") -> SqsMessage:
    return parse({**RAW, "Body": letter * size})


def event_size(messages: Sequence[SqsMessage]) -> int:
    return len(json.dumps(build.sqs(messages, queue_arn=ARN), separators=(",", ":"), ensure_ascii=False).encode())


class Source:
    """A queue whose receives take the seconds, and bring the messages, that a test lists; its own clock."""

    def __init__(self, *receives: tuple[float, list[SqsMessage]]) -> None:
        self.now = 100.0
        self.asked: list[tuple[int, int]] = []
        self._receives = list(receives)

    async def receive(self, most: int, wait_s: int) -> list[SqsMessage]:
        self.asked.append((most, wait_s))
        seconds, messages = self._receives.pop(0)
        self.now += seconds
        return messages

    def gather(self, **changes: Any) -> list[SqsMessage]:
        config = replace(MAPPING, **changes)
        return asyncio.run(gather(self.receive, config, arn=ARN, clock=lambda: self.now))


def test_without_a_window_one_receive_is_a_batch() -> None:
    source = Source((0, [message()] * 3))
    assert len(source.gather()) == 3
    assert source.asked == [(10, 20)]


def test_no_more_is_asked_for_than_the_batch_holds() -> None:
    source = Source((0, [message()]))
    source.gather(batch_size=1)
    assert source.asked == [(1, 20)]


def test_a_window_gathers_over_several_receives_until_it_ends() -> None:
    source = Source((0, [message()] * 10), (0.5, [message()] * 10), (1.5, [message()] * 2))
    assert len(source.gather(batch_size=100, batching_window_s=2)) == 22
    assert source.asked == [(10, 20), (10, 2), (10, 2)]


def test_a_receive_within_a_long_window_waits_for_20_s_at_most() -> None:
    source = Source((0, [message()]), (20, []), (280, []))
    assert len(source.gather(batch_size=100, batching_window_s=300)) == 1
    assert source.asked == [(10, 20), (10, 20), (10, 20)]


def test_a_full_batch_ends_the_window() -> None:
    source = Source((0, [message()] * 10), (0, [message()] * 5))
    assert len(source.gather(batch_size=15, batching_window_s=300)) == 15
    assert source.asked == [(10, 20), (5, 20)]


def test_six_megabytes_end_the_window() -> None:
    source = Source((0, [message(1 << 20)] * 5), (0, [message(1 << 20)] * 5))
    assert len(source.gather(batch_size=100, batching_window_s=300)) == 10


def test_a_window_that_passed_in_a_long_poll_is_not_waited_for_again() -> None:
    source = Source((12, [message()]))
    assert len(source.gather(batch_size=100, batching_window_s=5)) == 1


def test_a_long_poll_in_vain_is_no_batch() -> None:
    assert Source((20, [])).gather(batch_size=100, batching_window_s=300) == []


@pytest.mark.parametrize(("letter", "bytes_each"), [("x", 1), ("é", 2), ('"', 2)])
def test_an_event_is_split_at_lambdas_6_mb_to_the_byte(letter: str, bytes_each: int) -> None:
    half = (limits.LAMBDA_REQUEST_BYTES - 2 * EMPTY) // 2 // bytes_each
    pair = [message(half, letter), message(half, letter)]
    left = limits.LAMBDA_REQUEST_BYTES - event_size(pair)
    fitting = [pair[0], parse({**RAW, "Body": pair[1]["body"] + "x" * (left - 1)})]
    assert [len(batch) for batch in split(fitting, arn=ARN)] == [2]
    over = [pair[0], parse({**RAW, "Body": fitting[1]["body"] + "xx"})]
    assert event_size(over) == limits.LAMBDA_REQUEST_BYTES + 1
    assert [len(batch) for batch in split(over, arn=ARN)] == [1, 1]


def test_messages_of_1_mib_are_split_in_order() -> None:
    messages = [parse({**RAW, "MessageId": str(number), "Body": "x" * (1 << 20)}) for number in range(12)]
    batches = list(split(messages, arn=ARN))
    assert [len(batch) for batch in batches] == [5, 5, 2]
    assert [message for batch in batches for message in batch] == messages
    assert all(event_size(batch) <= limits.LAMBDA_REQUEST_BYTES for batch in batches)


def test_a_message_is_as_in_awss_example() -> None:
    raw = {
        **RAW,
        "Body": "b",
        "MessageAttributes": {
            "name": {"StringValue": "a", "DataType": "String"},
            "size": {"StringValue": "3", "DataType": "Number"},
            "raw": {"BinaryValue": "AAE=", "DataType": "Binary.png"},
        },
        "MD5OfMessageAttributes": "582c92c5c5b6ac403040a4f3ab3115c9",
    }
    lists: dict[str, list[str]] = {"stringListValues": [], "binaryListValues": []}
    assert parse(raw) == {
        "messageId": "m",
        "receiptHandle": "r",
        "body": "b",
        "attributes": {},
        "messageAttributes": {
            "name": {"stringValue": "a", **lists, "dataType": "String"},
            "size": {"stringValue": "3", **lists, "dataType": "Number"},
            "raw": {"binaryValue": "AAE=", **lists, "dataType": "Binary.png"},
        },
        "md5OfBody": "",
        "md5OfMessageAttributes": "582c92c5c5b6ac403040a4f3ab3115c9",
    }
