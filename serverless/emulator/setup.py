"""Management commands that run once before the cloud serves."""

import asyncio
import os
import shlex
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from serverless.emulator.config import Command
from serverless.emulator.exceptions import SetupFailed
from serverless.emulator.logs import Log
from serverless.emulator.process import guarded


async def run(commands: Sequence[Command], *, root: Path, environ: Mapping[str, str], log: Log) -> str:
    """Run them in order, collectstatic beside the others: it touches S3 and no database. What they print, in order.

    Raises SetupFailed at the first failure, after its output went to the log; what still runs is killed.
    """

    async def chain(part: Sequence[Command]) -> str:
        return "".join([await _run(command, root=root, environ=environ, log=log) for command in part])

    static = [command for command in commands if command[0] == "collectstatic"]
    others = [command for command in commands if command not in static]
    try:
        async with asyncio.TaskGroup() as group:
            chains = [group.create_task(chain(part)) for part in (static, others)]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return "".join(task.result() for task in chains)


async def _run(command: Command, *, root: Path, environ: Mapping[str, str], log: Log) -> str:
    process = await asyncio.create_subprocess_exec(
        *guarded([sys.executable, "-m", "django", *command]),
        cwd=root,
        env=environ,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        output = (await process.communicate())[0].decode(errors="replace")
    except asyncio.CancelledError:
        with suppress(ProcessLookupError):  # it ended in the same moment
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        raise
    if process.returncode:
        log(output.rstrip())
        raise SetupFailed(f"manage.py {shlex.join(command)}", process.returncode)
    return output
