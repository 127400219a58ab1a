"""The invocation that is under way: its request id, and how long it may still run."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Protocol

__all__ = ["Invocation", "LambdaContext", "current", "invocation", "remaining"]


class LambdaContext(Protocol):
    """The part of Lambda's context object in use here.

    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    @property
    def aws_request_id(self) -> str: ...
    @property
    def function_name(self) -> str: ...
    def get_remaining_time_in_millis(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """One event in the hands of this execution environment. Its times are on ``time.monotonic()``, in seconds.

    ``trace_id`` is X-Ray's, ``1-67891233-abcdef012345678912345678``, or empty.
    """

    request_id: str
    function_name: str
    deadline: float
    began: float = field(default_factory=time.monotonic)
    trace_id: str = ""


# A ContextVar, because asgiref copies the context into the threads where it runs synchronous code.
_current: ContextVar[Invocation | None] = ContextVar("serverless_invocation", default=None)


def current() -> Invocation | None:
    """Return the invocation under way, or None outside Lambda (a shell, a test, a management command)."""
    return _current.get()


def remaining() -> float | None:
    """Return the seconds left before Lambda kills this environment, or None outside an invocation."""
    under_way = _current.get()
    return None if under_way is None else under_way.deadline - time.monotonic()


@contextmanager
def invocation(context: LambdaContext) -> Iterator[Invocation]:
    """Make ``context`` the current invocation for the length of the block."""
    entered = Invocation(
        request_id=context.aws_request_id,
        function_name=context.function_name,
        # Lambda states the deadline on the wall clock, which NTP may step; from here on only differences count.
        deadline=time.monotonic() + context.get_remaining_time_in_millis() / 1000,
        # Lambda's runtime sets it for each event: Root=1-6789…;Parent=…;Sampled=0
        # https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
        trace_id=os.environ.get("_X_AMZN_TRACE_ID", "").partition(";")[0].removeprefix("Root="),
    )
    token = _current.set(entered)
    try:
        yield entered
    finally:
        _current.reset(token)
