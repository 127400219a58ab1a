"""Events of SQS and of the scheduler."""

from collections.abc import Sequence
from datetime import UTC, datetime

from serverless.events.types import SqsEvent, SqsMessage, SqsRecord, TickEvent

__all__ = ["sqs", "tick"]


def sqs(messages: Sequence[SqsMessage], *, queue_arn: str) -> SqsEvent:
    """Return the event of one batch, as the event source mapping of the queue ``queue_arn`` delivers it."""
    region = queue_arn.split(":")[3]
    return {
        "Records": [
            SqsRecord(**message, eventSource="aws:sqs", eventSourceARN=queue_arn, awsRegion=region)
            for message in messages
        ]
    }


def tick(time: datetime) -> TickEvent:
    """Return the input that the stack gives to the minute schedule; ``time`` stands for its <aws.scheduler...>."""
    return {"source": "serverless.scheduler", "detail-type": "tick", "time": time.astimezone(UTC).isoformat()}
