"""Ways in which a task's own process comes to grief, each at most once a name: the next run gets through."""

import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

HOME = Path(os.environ.get("FAULTS_HOME", "."))
# More than any function of the rig has.
FOR_EVER = 600.0


def once(name: str) -> bool:
    """Whether nobody has asked for ``name`` before, in any process."""
    try:
        os.close(os.open(HOME / f"once-{name}", os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def meet(name: str, *, others: int = 2, seconds: float = 5.0) -> None:
    """Wait until ``others`` processes, this one included, have come to ``name``."""
    (HOME / f"meet-{name}-{os.getpid()}").touch()
    deadline = time.monotonic() + seconds
    while len(list(HOME.glob(f"meet-{name}-*"))) < others and time.monotonic() < deadline:
        time.sleep(0.01)


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _stop() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def _exhaust() -> None:
    """Ask for more memory than there is; the limit is taken away again, for the process lives on."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, hard))
    try:
        bytearray(1 << 34)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def come_to_grief(how: str) -> None:
    """End, stop or hurt this process in one of the ways of ``HOWS``."""
    HOWS[how]()


HOWS: dict[str, Callable[[], object]] = {
    "kill": _kill,
    "stop": _stop,
    "exit": lambda: sys.exit(3),
    "abort": lambda: os._exit(1),
    "exhaust": _exhaust,
    "hang": lambda: time.sleep(FOR_EVER),
}
