"""Management commands that run beside the cloud, once it serves: what may take its time and may fail."""

import asyncio
import os
import shlex
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from serverless.emulator.config import Command
from serverless.emulator.logs import Log, LogPipe, prefixed
from serverless.emulator.process import guarded


async def run(commands: Sequence[Command], *, root: Path, environ: Mapping[str, str], log: Log) -> None:
    """Run them in order, each line they print to the log as it comes. A failure is one more line, and the end."""
    for command in commands:
        code = await _run(command, root=root, environ=environ, log=prefixed(log, command[0]))
        if code:
            log(f"`manage.py {shlex.join(command)}` failed with exit code {code}; the cloud goes on without it.")
            return


async def _run(command: Command, *, root: Path, environ: Mapping[str, str], log: Log) -> int:
    pipe = LogPipe(log)
    try:
        process = await asyncio.create_subprocess_exec(
            *guarded([sys.executable, "-u", "-m", "django", *command]),
            cwd=root,
            env=environ,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=pipe.writer,
            stderr=pipe.writer,
            start_new_session=True,
        )
    except BaseException:
        pipe.abandon()
        raise
    pipe.started()
    try:
        return await process.wait()
    except asyncio.CancelledError:
        with suppress(ProcessLookupError):  # it ended in the same moment
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        raise
    finally:
        pipe.close()
