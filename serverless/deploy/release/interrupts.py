"""Ctrl-C and SIGTERM: they end a release like any error does, and never its way back."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from serverless.deploy.release.context import Log

__all__ = ["terminated", "undisturbed"]


@contextmanager
def terminated() -> Iterator[None]:
    """Let SIGTERM, with which CI ends a job, raise KeyboardInterrupt as Ctrl-C does."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    with _handled(signal.SIGTERM, interrupt):
        yield


@contextmanager
def undisturbed(log: Log) -> Iterator[None]:
    """Let neither interrupt the block: going back takes seconds, and half of it would be worse than none."""

    def wait(_number: int, _frame: FrameType | None) -> None:
        log("going back; this takes a few seconds …")

    with _handled(signal.SIGINT, wait), _handled(signal.SIGTERM, wait):
        yield


@contextmanager
def _handled(number: signal.Signals, handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread hears signals
        return
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)
