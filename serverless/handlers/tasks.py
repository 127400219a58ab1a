"""SQS batches: messages that wake tasks."""

from typing import Any

from serverless.events.types import SqsEvent
from serverless.handlers.deadline import DEADLINE
from serverless.handlers.meter import METER
from serverless.tasks.work import batch


def handle(event: SqsEvent) -> dict[str, Any]:
    with METER.invocation():
        return dict(batch.process(event, deadline=DEADLINE))
