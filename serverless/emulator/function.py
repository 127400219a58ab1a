"""A Lambda function: a pool of execution environments behind one `invoke`."""

import asyncio
import json
import uuid
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from serverless.emulator import limits
from serverless.emulator.config import FunctionConfig
from serverless.emulator.environment import Environment
from serverless.emulator.logs import Log, prefixed
from serverless.emulator.results import InitFailed, PayloadTooLarge, Result, Throttled


class Function:
    """Scales out to `concurrency` environments; the one used last is used first, so that the others may go cold.

    As on Lambda, an event that finds all environments busy starts another, and takes whichever is free first, the
    new one or one that has finished meanwhile:
    https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
    """

    def __init__(self, config: FunctionConfig, *, environ: Mapping[str, str], root: Path, log: Log) -> None:
        self.config = config
        self._environ = environ
        self._root = root
        self._log = prefixed(log, config.name)
        self._slots = asyncio.Semaphore(config.concurrency)
        self._environments: set[Environment] = set()
        self._idle: list[Environment] = []
        self._waiting: deque[asyncio.Future[Environment]] = deque()
        self._starting: set[asyncio.Task[None]] = set()

    @property
    def pids(self) -> frozenset[int]:
        """The processes of the environments that live, busy or idle."""
        return frozenset(environment.pid for environment in self._environments if environment.alive)

    async def invoke(self, event: Mapping[str, Any], *, wait: bool = False) -> Result:
        """Run the function once. Raises PayloadTooLarge, and Throttled when at its concurrency unless told to wait."""
        payload = json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()
        if len(payload) > limits.LAMBDA_REQUEST_BYTES:
            raise PayloadTooLarge
        if self._slots.locked() and not wait:
            raise Throttled
        async with self._slots:
            try:
                environment = await self._acquire()
            except InitFailed as error:
                return error.result
            result = await environment.invoke(payload, request_id=str(uuid.uuid4()))
            self._release(environment)
            return result

    async def warm(self) -> None:
        """Start one environment ahead of its first event. A failed init shows in the log, and at that event."""
        await self._start()

    async def stop(self) -> None:
        """Kill every environment, busy or not."""
        for task in self._starting:
            task.cancel()
        await asyncio.gather(*self._starting, return_exceptions=True)
        await asyncio.gather(*(environment.stop() for environment in self._environments))

    async def _acquire(self) -> Environment:
        while self._idle:
            environment = self._idle.pop()
            if environment.alive:
                return environment
            self._environments.discard(environment)
            await environment.stop()
        waiter: asyncio.Future[Environment] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        if len(self._environments) < self.config.concurrency:
            task = asyncio.create_task(self._start())
            self._starting.add(task)
            task.add_done_callback(self._starting.discard)
        return await waiter

    async def _start(self) -> None:
        """Lambda tries init twice: within 10 s, then once more within the function's own timeout.

        https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
        """
        try:
            environment = await self._initialise(limits.LAMBDA_INIT_TIMEOUT)
        except InitFailed:
            try:
                environment = await self._initialise(self.config.timeout_s)
            except InitFailed as error:
                if waiter := self._next_waiter():
                    waiter.set_exception(error)
                return
        self._release(environment)

    async def _initialise(self, limit_s: float) -> Environment:
        environment = Environment(self.config, environ=self._environ, root=self._root, log=self._log)
        self._environments.add(environment)
        try:
            await environment.start(limit_s=limit_s)
        except BaseException:
            self._environments.discard(environment)
            await environment.stop()
            raise
        return environment

    def _release(self, environment: Environment) -> None:
        if not environment.alive:
            self._environments.discard(environment)
        elif waiter := self._next_waiter():
            waiter.set_result(environment)
        else:
            self._idle.append(environment)

    def _next_waiter(self) -> asyncio.Future[Environment] | None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                return waiter
        return None
