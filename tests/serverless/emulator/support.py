"""What the emulator's tests share: an event loop a test, functions that are always stopped, a look into /proc."""

import asyncio
import functools
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from serverless.emulator.config import FunctionConfig
from serverless.emulator.function import Function

ROOT = Path(__file__).parents[3]
_BASE = FunctionConfig(name="f", handler="", memory_mb=256, timeout_s=10, concurrency=4)


def in_loop[**P](test: Callable[P, Awaitable[None]]) -> Callable[P, None]:
    """Run an asynchronous test in a loop of its own."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        async def main() -> None:
            await test(*args, **kwargs)

        asyncio.run(main())

    return run


def function_config(handler: str, *, timeout_s: float = 10, concurrency: int = 4) -> FunctionConfig:
    """`handler` is a name in this folder: `handlers.echo`."""
    return replace(_BASE, handler=f"tests.serverless.emulator.{handler}", timeout_s=timeout_s, concurrency=concurrency)


@asynccontextmanager
async def running(
    config: FunctionConfig, *, log: list[str] | None = None, environ: dict[str, str] | None = None
) -> AsyncIterator[Function]:
    """A function whose environments die with the block."""
    lines = [] if log is None else log
    function = Function(config, environ={**os.environ, **(environ or {})}, root=ROOT, log=lines.append)
    try:
        yield function
    finally:
        await function.stop()


def process_state(pid: int) -> str:
    """The letter of /proc (`T` stopped, `S` asleep, `R` running), or empty when there is no such process."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return ""
    letter = text.rpartition(")")[2].split()[0]
    return "" if letter in "ZX" else letter


def until(condition: Callable[[], bool], *, seconds: float = 5) -> bool:
    """Whether it came true in time. For other processes only: it blocks the loop."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


async def eventually(condition: Callable[[], bool], *, seconds: float = 8) -> None:
    """Let the loop run until it comes true. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while True:
            if condition():
                return
            await asyncio.sleep(0.01)
