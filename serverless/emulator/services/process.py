"""A service as a child process: started tied to this one's life, awaited, stopped, found again after a crash."""

import asyncio
import fcntl
import functools
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from serverless.emulator.exceptions import ServiceFailed, StateUnusable

# Below every system's range for outgoing connections (Linux: 32768 and up), which could take a port just found free.
_PORTS = range(20_000, 32_000)
_POLL_S = 0.01
_START_S = 30.0  # generous: crash recovery of a large database
_STOP_S = 10.0
_LOG_LINES = 5
_TETHER = Path(__file__).with_name("tether.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A running service; ``ready`` answers whether it takes requests yet."""

    name: str
    popen: subprocess.Popen[bytes]
    log: Path
    pid_file: Path

    async def until(self, ready: Callable[[int], bool]) -> None:
        """Return once ``ready(pid)``. Raises ServiceFailed with the log's last lines if it ends or takes too long."""
        deadline = time.monotonic() + _START_S
        while not ready(self.popen.pid):
            if (code := self.popen.poll()) is not None:
                raise ServiceFailed(self.name, f"it ended with code {code}; {last_lines(self.log)}", log=self.log)
            if time.monotonic() > deadline:
                raise ServiceFailed(
                    self.name, f"not ready after {_START_S:.0f} s; {last_lines(self.log)}", log=self.log
                )
            await asyncio.sleep(_POLL_S)

    async def stop(self) -> None:
        """Ask it to end (SIGINT means that to all our services, quickly), insist after 10 s."""
        self.popen.send_signal(signal.SIGINT)
        deadline = time.monotonic() + _STOP_S
        while self.popen.poll() is None:
            if time.monotonic() > deadline:
                self.popen.kill()
            await asyncio.sleep(_POLL_S)
        self.pid_file.unlink(missing_ok=True)


def start(
    name: str, command: Sequence[str], *, state: Path, user: str | None = None, environ: Mapping[str, str] | None = None
) -> Process:
    """Start ``command``, its output in ``logs/NAME.log``; ``user`` is as in ``tether``.

    In a session of its own, so that Ctrl-C reaches only us. Call from a thread that lives as long as the service: Linux
    counts the starting thread's end as the parent's.
    """
    pid_file, log = state / "run" / f"{name}.pid", state / "logs" / f"{name}.log"
    tether = [sys.executable, "-I", "-S", str(_TETHER), str(os.getpid()), str(pid_file), user or "-"]
    with log.open("wb") as output:
        popen = subprocess.Popen(
            [*tether, *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={**os.environ, **(environ or {})},
            start_new_session=True,
        )
    return Process(name=name, popen=popen, log=log, pid_file=pid_file)


def last_lines(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return "it last said: " + " / ".join(lines[-_LOG_LINES:]) if lines else "it said nothing"


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on, and that no process beside this one is handed as well."""
    for port in random.sample(_PORTS, k=100):
        with socket.socket() as candidate:
            candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                candidate.bind(("127.0.0.1", port))
            except OSError:
                continue
        if _reserve(port):
            return port
    raise ServiceFailed("A local service", "100 random ports below 32000 were all taken; stop what holds them")


def _reserve(port: int) -> bool:
    """Lock it, as a byte of one file, until this process ends: a service may take seconds before it listens."""
    try:
        fcntl.lockf(_ports_file(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    return True


@functools.cache
def _ports_file() -> int:
    # Never closed: whoever closes a file gives up the locks that the process has on it.
    return os.open(Path(tempfile.gettempdir()) / f"serverless-ports-{os.getuid()}", os.O_CREAT | os.O_RDWR, 0o600)


def listening(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


async def stop_orphans(state: Path) -> None:
    """Stop what an earlier start left behind in ``state``, where it died without a chance to clean up.

    A process counts as ours only if its command line names ``state``: ids are reused.
    """
    for pid_file in (state / "run").glob("*.pid"):
        text = pid_file.read_text()
        if text.isdigit():
            await _stop_orphan(int(text), state)
        pid_file.unlink(missing_ok=True)


async def _stop_orphan(pid: int, state: Path) -> None:
    deadline = time.monotonic() + _STOP_S
    while str(state) in _command_line(pid):
        late = time.monotonic() > deadline
        try:
            os.kill(pid, signal.SIGKILL if late else signal.SIGINT)
        except ProcessLookupError:
            return
        except PermissionError:
            raise StateUnusable(state, f"process {pid} of another user still works on it") from None
        await asyncio.sleep(10 * _POLL_S)


def _command_line(pid: int) -> str:
    """Return the command line of process ``pid``; empty if it is gone, or dead and only waits to be collected."""
    proc = Path("/proc")
    if (proc / "self").exists():
        try:
            return (proc / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    return subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
