"""The pollers of one queue."""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

from serverless.emulator import limits
from serverless.emulator.aws import AwsClient, AwsError
from serverless.emulator.config import EventSourceConfig
from serverless.emulator.event_source.batch import gather, parse, split
from serverless.emulator.event_source.queue import Queue
from serverless.emulator.event_source.response import failed_ids
from serverless.emulator.event_source.scaling import STEP_S, Scaling
from serverless.emulator.function import Function
from serverless.emulator.logs import Log
from serverless.emulator.results import PayloadTooLarge, Result, Throttled
from serverless.events import build
from serverless.events.types import SqsEvent, SqsMessage

_RETRY_S: Final = 1.0
# A throttled batch is tried again after the first, then twice as long each time, at most the second. AWS names none.
_FIRST_PAUSE_S: Final = 0.1
_LAST_PAUSE_S: Final = 1.0


class EventSource:
    """Polls until cancelled. A poller has one batch at a time, so that there are as many batches as pollers."""

    def __init__(
        self, function: Function, *, aws: AwsClient, queue: Queue, config: EventSourceConfig, log: Log
    ) -> None:
        self._function = function
        self._aws = aws
        self._queue = queue
        self._config = config
        self._log = log
        self._scaling = Scaling(
            maximum_concurrency=config.maximum_concurrency,
            report_batch_item_failures=config.report_batch_item_failures,
        )
        self._pollers = 0
        self._receiving: dict[object, float] = {}  # since when; by receive
        self._found = asyncio.Event()
        self._throttled = 0

    @property
    def pollers(self) -> int:
        """How many there are."""
        return self._pollers

    async def run(self) -> None:
        """Poll for ever; ends by cancellation only, and at once where the mapping is disabled."""
        if not self._config.enabled:
            self._log(f"The event source mapping of queue {self._queue.name} is disabled: its messages wait.")
            return
        async with asyncio.TaskGroup() as group:
            while True:
                self._fill(group)
                await self._found.wait()
                await asyncio.sleep(STEP_S)
                if self._backlog():
                    self._scaling.grow()
                else:
                    self._found.clear()

    def _fill(self, group: asyncio.TaskGroup) -> None:
        while self._pollers < self._scaling.pollers:
            self._pollers += 1
            group.create_task(self._poll(group))

    def _backlog(self) -> bool:
        """Whether messages are still available: a receive that has to wait for one says that none are."""
        waiting_since = min(self._receiving.values(), default=None)
        return waiting_since is None or time.monotonic() - waiting_since < STEP_S

    async def _poll(self, group: asyncio.TaskGroup) -> None:
        while self._pollers <= self._scaling.pollers:
            try:
                await self._turn()
            except AwsError as problem:
                self._log(f"{problem} Trying again in {_RETRY_S:.0f} s.")
                await asyncio.sleep(_RETRY_S)
            self._fill(group)
        self._pollers -= 1

    async def _turn(self) -> None:
        messages = await gather(self._receive, self._config, arn=self._queue.arn)
        if not messages:
            self._scaling.empty()
            return
        gone = time.monotonic() + self._queue.visibility_s
        for batch in split(messages, arn=self._queue.arn):
            await self._deliver(batch, until=gone)

    async def _receive(self, most: int, wait_s: int) -> list[SqsMessage]:
        key = object()
        self._receiving[key] = time.monotonic()
        try:
            answer = await self._aws.sqs(
                "ReceiveMessage",
                QueueUrl=self._queue.url,
                MaxNumberOfMessages=most,
                WaitTimeSeconds=wait_s,
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
        finally:
            del self._receiving[key]
        messages = [parse(raw) for raw in answer.get("Messages", ())]
        if messages:
            self._found.set()
        return messages

    async def _deliver(self, batch: Sequence[SqsMessage], *, until: float) -> None:
        result = await self._invoke(batch, until=until)
        if result is None:
            return
        if result.failure:
            self._scaling.failed()
        else:
            self._scaling.succeeded()
        failures = failed_ids(
            result,
            [message["messageId"] for message in batch],
            report_batch_item_failures=self._config.report_batch_item_failures,
        )
        await self._delete([message for message in batch if message["messageId"] not in failures])

    async def _invoke(self, batch: Sequence[SqsMessage], *, until: float) -> Result | None:
        """What the function came to, or None where it never ran."""
        event = build.sqs(batch, queue_arn=self._queue.arn)
        try:
            return await self._function.invoke(event)
        except Throttled:
            pass
        except PayloadTooLarge:
            self._log(f"A message of queue {self._queue.name} is over Lambda's 6 MB as an event.")
            return None
        self._scaling.throttled()
        self._throttled += 1
        try:
            if self._throttled == 1:  # once, not for every try and every batch that joins the others
                self._log(f"Queue {self._queue.name} is throttled: {self._busy()}. Trying again until one is free.")
            return await self._insist(event, len(batch), until=until)
        finally:
            self._throttled -= 1

    async def _insist(self, event: SqsEvent, count: int, *, until: float) -> Result | None:
        """Try again until the messages are visible to others.

        https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-backoff-strategy
        """
        pause = _FIRST_PAUSE_S
        while time.monotonic() + pause < until:
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LAST_PAUSE_S)
            try:
                return await self._function.invoke(event)
            except Throttled:
                continue
        self._log(f"Messages went back to queue {self._queue.name}, throttled until their visibility timeout: {count}.")
        return None

    def _busy(self) -> str:
        function = self._function.config
        return f"all {function.concurrency} environments of {function.name} are busy"

    async def _delete(self, messages: Sequence[SqsMessage]) -> None:
        """What is not deleted is delivered again."""
        for start in range(0, len(messages), limits.SQS_BATCH_MESSAGES):
            entries = [
                {"Id": str(index), "ReceiptHandle": message["receiptHandle"]}
                for index, message in enumerate(messages[start : start + limits.SQS_BATCH_MESSAGES])
            ]
            try:
                answer = await self._aws.sqs("DeleteMessageBatch", QueueUrl=self._queue.url, Entries=entries)
            except AwsError as problem:
                self._log(f"{problem} Messages of queue {self._queue.name} stay in it: {len(entries)}.")
            else:
                for entry in answer.get("Failed", ()):
                    self._log(f"SQS did not delete a message of queue {self._queue.name}: {entry.get('Code')}.")
