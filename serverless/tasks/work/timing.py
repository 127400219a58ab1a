"""How long a task may run: its own timeout, or until shortly before the function's."""

import asyncio
import inspect
import logging
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from asgiref.sync import async_to_sync

from serverless import context
from serverless.deadline import Deadline, DeadlineExceeded

logger = logging.getLogger(__name__)

# Seconds kept back of the function's time to write the outcome, which report.PAUSES may need; of short times, half.
RESERVE: Final = 5.0
# A task that the function's end stops is to blame if it had at least this part of the function's time.
FAIR_SHARE: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """``ends_at`` is on ``time.monotonic()``; ``charged``: whether running longer is the task's own failure."""

    ends_at: float | None
    charged: bool = True

    def left(self) -> float | None:
        return None if self.ends_at is None else max(self.ends_at - time.monotonic(), 0.0)


def allotted(timeout: float | None) -> Time:
    """Return the time of a task that begins now, with a ``timeout`` of its own in seconds or none."""
    now = time.monotonic()
    own = None if timeout is None else now + timeout
    invocation = context.current()
    if invocation is None:
        return Time(ends_at=own)
    left = invocation.deadline - now
    function = now + max(left - RESERVE, left / 2)
    if own is not None and own <= function:
        return Time(ends_at=own)
    return Time(ends_at=function, charged=left >= FAIR_SHARE * (invocation.deadline - invocation.began))


def call(call: partial[Any], allowed: Time, *, deadline: Deadline | None, about: Mapping[str, object]) -> Any:
    """Make a call, interrupted by ``deadline`` at its end; a coroutine is cancelled instead.

    ``about`` is logged where nothing stops it.
    """
    if inspect.iscoroutinefunction(call.func):
        return _await(call, allowed)
    if deadline is None or allowed.ends_at is None:
        return call()
    return deadline.call(call, ends_at=allowed.ends_at, last_words=partial(_say, about))


def _await(call: partial[Any], allowed: Time) -> Any:
    """Run a coroutine, cancelled at its end: a signal would meet this thread, not the loop's, which would go on."""

    async def within() -> Any:
        try:
            async with asyncio.timeout(allowed.left()) as limit:
                return await call()
        except TimeoutError as error:
            if limit.expired():
                raise _Late from error
            raise

    try:
        return async_to_sync(within)()
    except _Late:
        raise DeadlineExceeded from None


class _Late(Exception):
    """A coroutine's time is up. DeadlineExceeded itself, a KeyboardInterrupt, would break out of the event loop."""


def _say(about: Mapping[str, object]) -> None:
    """Tell what holds a task that its deadline could not interrupt; Lambda's timeout ends it with its environment."""
    frames = sys._current_frames()  # noqa: SLF001 - documented, underscore and all
    stack = traceback.format_stack(frames[threading.main_thread().ident or 0])
    logger.error("task runs past its end, nothing stopped it", extra={**about, "stack": "".join(stack)})
