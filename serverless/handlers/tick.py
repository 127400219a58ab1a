"""The minute tick: enqueues what is scheduled, and sends (again) whatever is due."""

from typing import Any

from serverless.events.types import TickEvent
from serverless.handlers.meter import METER
from serverless.tasks.upkeep import tick


def handle(event: TickEvent) -> dict[str, Any]:  # noqa: ARG001 - every handler takes the event; a tick says no more
    with METER.invocation():
        return dict(tick.run())
