"""One execution environment: a process that runs AWS's own runtime client, frozen between events, one event at a time.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

import asyncio
import math
import os
import signal
import sys
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from serverless.emulator import limits, variables
from serverless.emulator.config import FunctionConfig
from serverless.emulator.logs import Log, LogPipe
from serverless.emulator.process import guarded
from serverless.emulator.results import Failure, InitFailed, Result, failed
from serverless.emulator.runtime import Delivery, Kind, RuntimeApi, Signal

ACCOUNT: Final = "123456789012"
REGION: Final = "us-east-1"


class Environment:
    """`start`, then any number of `invoke`, one after the other, until `alive` is false; `stop` in any state."""

    def __init__(self, function: FunctionConfig, *, environ: Mapping[str, str], root: Path, log: Log) -> None:
        self._function = function
        self._environ = environ
        self._root = root
        self._log = log
        self._signals: asyncio.Queue[Signal] = asyncio.Queue()
        self._api = RuntimeApi(self._signals.put_nowait)
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._init_s: float | None = None
        self._memory_mb = 0

    @property
    def alive(self) -> bool:
        """Whether another event can be delivered."""
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int:
        """The process that runs the handler."""
        if self._process is None:
            raise RuntimeError("The environment was not started.")
        return self._process.pid

    async def start(self, *, limit_s: float = limits.LAMBDA_INIT_TIMEOUT) -> None:
        """Run the init phase: until the runtime asks for its first event. Raises InitFailed."""
        started = time.monotonic()
        launch = asyncio.create_task(self._launch())
        try:
            await asyncio.shield(launch)
        except asyncio.CancelledError:
            await launch  # a few milliseconds; half of it would leave a socket, a pipe or a process behind
            raise
        except OSError as problem:  # no more processes, files or memory: whoever waits for this one must hear of it
            result: Result | None = failed(Failure.INIT, "Sandbox.LaunchFailed", f"Error: {problem}")
        else:
            result = await self._initialised(limit_s)
        self._init_s = time.monotonic() - started
        if result is None:
            self._freeze()
            return
        await self.stop()
        status = "timeout" if result.failure is Failure.TIMEOUT else "error"
        self._log(f"INIT_REPORT Init Duration: {self._init_s * 1000:.2f} ms\tPhase: init\tStatus: {status}")
        raise InitFailed(result)

    async def invoke(self, event: bytes, *, request_id: str) -> Result:
        """Deliver one event and wait for what it comes to."""
        started = time.monotonic()
        self._log(f"START RequestId: {request_id} Version: $LATEST")
        self._api.deliver(
            Delivery(
                request_id=request_id,
                event=event,
                deadline_ms=int((time.time() + self._function.timeout_s) * 1000),
                function_arn=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self._function.name}",
                trace_id=f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Parent={uuid.uuid4().hex[:16]};Sampled=0",
            )
        )
        self._signal(signal.SIGCONT)
        result = await self._outcome(request_id)
        if result.failure in {None, Failure.RAISED} and self.alive:
            self._freeze()
        else:
            await self.stop()
        self._report(request_id, time.monotonic() - started, result)
        return result

    async def stop(self) -> None:
        """Kill the process and what it started, and free its door."""
        if self.alive:
            self._measure()
            self._signal(signal.SIGKILL)
        if self._watch is not None:
            await asyncio.wait({self._watch})  # not `await`: whoever is cancelled here must not cancel the watcher
        await self._api.stop()

    async def _launch(self) -> None:
        address = await self._api.start()
        pipe = LogPipe(self._log)
        try:
            self._process = await asyncio.create_subprocess_exec(
                *guarded([sys.executable, "-m", "awslambdaric", self._function.handler]),
                cwd=self._root,
                env={**self._environ, **variables.reserved(self._function, root=self._root, address=address)},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=pipe.writer,
                stderr=pipe.writer,
                start_new_session=True,  # Ctrl-C is the emulator's to handle, and signals go to the whole group
            )
        except OSError:
            pipe.abandon()
            raise
        pipe.started()
        self._watch = asyncio.create_task(self._wait(self._process, pipe))

    async def _wait(self, process: asyncio.subprocess.Process, pipe: LogPipe) -> None:
        code = await process.wait()
        self._signal(signal.SIGKILL)  # what the handler left running dies with its environment
        pipe.close()
        end = f"signal: {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"
        self._signals.put_nowait(Signal(kind=Kind.EXIT, body=end.encode()))

    async def _initialised(self, limit_s: float) -> Result | None:
        try:
            async with asyncio.timeout(limit_s):
                told = await self._signals.get()
        except TimeoutError:
            return failed(Failure.TIMEOUT, "Sandbox.Timedout", f"Error: Init timed out after {limit_s:.2f} seconds")
        if told.kind is Kind.NEXT:
            return None
        if told.kind is Kind.INIT_ERROR:
            return Result(payload=told.body, failure=Failure.INIT)
        return failed(Failure.INIT, "Runtime.ExitError", f"Error: Runtime exited with error: {told.body.decode()}")

    async def _outcome(self, request_id: str) -> Result:
        """An invocation lasts until the runtime asks for the next event, not only until it has answered."""
        result: Result | None = None
        try:
            async with asyncio.timeout(self._function.timeout_s):
                while (told := await self._signals.get()).kind not in {Kind.NEXT, Kind.EXIT, Kind.TOO_LARGE}:
                    result = Result(payload=told.body, failure=Failure.RAISED if told.kind is Kind.ERROR else None)
        except TimeoutError:
            await self.stop()  # even if it has answered: it did not ask for the next event, so none can be delivered
            message = f"Task timed out after {self._function.timeout_s:.2f} seconds"
            self._log(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} {request_id} {message}")
            lost = failed(Failure.TIMEOUT, "Sandbox.Timedout", f"RequestId: {request_id} Error: {message}")
        else:
            lost = self._lost(told, request_id)
        return result or lost

    def _lost(self, told: Signal, request_id: str) -> Result:
        if told.kind is Kind.TOO_LARGE:
            size = f"({limits.LAMBDA_RESPONSE_BYTES} bytes)"
            message = f"Response payload size exceeded maximum allowed payload size {size}."
            return failed(Failure.TOO_LARGE, "Function.ResponseSizeTooLarge", message)
        message = f"RequestId: {request_id} Error: Runtime exited with error: {told.body.decode()}"
        return failed(Failure.CRASH, "Runtime.ExitError", message)

    def _freeze(self) -> None:
        self._measure()
        self._signal(signal.SIGSTOP)

    def _signal(self, number: int) -> None:
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            return  # it ended by itself; the watcher tells

    def _measure(self) -> None:
        try:
            status = Path(f"/proc/{self.pid}/status").read_text()
        except OSError:
            return
        for line in status.splitlines():
            if line.startswith("VmHWM:"):
                self._memory_mb = math.ceil(int(line.split()[1]) / 1024)

    def _report(self, request_id: str, seconds: float, result: Result) -> None:
        init, self._init_s = self._init_s, None
        parts = [
            f"REPORT RequestId: {request_id}",
            f"Duration: {seconds * 1000:.2f} ms",
            f"Billed Duration: {math.ceil((seconds + (init or 0)) * 1000)} ms",  # init is billed since August 2025
            f"Memory Size: {self._function.memory_mb} MB",
            f"Max Memory Used: {self._memory_mb} MB",
        ]
        if init is not None:
            parts.append(f"Init Duration: {init * 1000:.2f} ms")
        if result.failure not in {None, Failure.RAISED}:
            parts.append(f"Status: {'timeout' if result.failure is Failure.TIMEOUT else 'error'}")
        self._log(f"END RequestId: {request_id}")
        self._log("\t".join(parts))
