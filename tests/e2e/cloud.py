"""``make run`` as a process of its own, on a free port, for the end-to-end tests and the benchmarks."""

import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# The services that the tests run on are not the emulator's: it starts its own.
_NOT_INHERITED = (
    "DATABASE_URL",
    "CACHE_URL",
    "TASK_QUEUES",
    "SECRET_KEY",
    "SITE_URL",
    "ALLOWED_HOSTS",
    "PYTEST_PLUGINS",
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(slots=True, kw_only=True)
class Cloud:
    """A running emulator: where it listens, what it has printed, and its process."""

    port: int
    state_dir: Path
    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    ready_s: float = 0.0

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def credentials(self) -> tuple[str, str]:
        """The e-mail address and password that were printed."""
        said = dict(line.split(":", 1) for line in self.lines if ":" in line)
        return said["E-mail"].strip(), said["Password"].strip()

    def kill(self) -> None:
        """End it without a chance to tidy up, as a crash would."""
        self.process.kill()
        self.process.wait(timeout=10)

    def stop(self) -> int:
        """Ctrl-C. Returns the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=30)


def start(
    state_dir: Path,
    *,
    port: int | None = None,
    timeout_s: float = 120,
    demo_photos: Path | None = None,
    options: Sequence[str] = (),
    variables: Mapping[str, str] | None = None,
) -> Cloud:
    """Start the emulator and wait until it is ready. Raises RuntimeError with its output if it is not.

    The demo studio is empty, unless its photographs are named: nothing is fetched from the network. `options` are more
    of the command line, `variables` of the environment.
    """
    port = port or free_port()
    environ = {k: v for k, v in os.environ.items() if k not in _NOT_INHERITED and not k.startswith(("AWS_", "DJANGO_"))}
    environ["DEMO_PHOTOS"] = "off" if demo_photos is None else str(demo_photos)
    environ |= variables or {}
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "serverless.emulator", "--port", str(port), "--state-dir", str(state_dir), *options],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    cloud = Cloud(port=port, state_dir=state_dir, process=process)
    said: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(process, cloud.lines, said), daemon=True).start()
    while (line := _next(said, started + timeout_s - time.monotonic())) is not None:
        if line.startswith("Ready in"):
            cloud.ready_s = time.monotonic() - started
            return cloud
    cloud.kill()
    raise RuntimeError("The emulator did not become ready:\n" + "\n".join(cloud.lines))


@contextmanager
def running(
    state_dir: Path, *, options: Sequence[str] = (), variables: Mapping[str, str] | None = None
) -> Iterator[Cloud]:
    """Start the emulator, and stop it with the block."""
    cloud = start(state_dir, options=options, variables=variables)
    try:
        yield cloud
    finally:
        if cloud.process.poll() is None:
            cloud.stop()


def _read(process: subprocess.Popen[str], lines: list[str], said: "queue.SimpleQueue[str | None]") -> None:
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        said.put(lines[-1])
    process.stdout.close()
    said.put(None)


def _next(said: "queue.SimpleQueue[str | None]", seconds: float) -> str | None:
    try:
        return said.get(timeout=max(seconds, 0.01))
    except queue.Empty:
        return None
