"""EventBridge Scheduler's minute: the tick that sends unfinished work again."""

import asyncio
import time
from datetime import UTC, datetime

from serverless.emulator.function import Function
from serverless.events import build


async def run(function: Function, *, interval_s: float) -> None:
    """Tick at once, since queues start empty, and then at every full interval of the clock; ends by cancellation.

    A tick that outlasts its interval delays the next one: two at once would find the same work.
    """
    while True:
        await function.invoke(build.tick(datetime.now(UTC)), wait=True)
        await asyncio.sleep(interval_s - time.time() % interval_s)
