"""The state directory: who holds it, and who can reach it."""

import fcntl
import os
import pwd
import shutil
import subprocess
from pathlib import Path
from typing import Self

from serverless.emulator.exceptions import StateUnusable

# https://man7.org/linux/man-pages/man7/capabilities.7.html
_CAP_DAC_OVERRIDE = 1 << 1
_SUBDIRECTORIES = ("logs", "run")


class StateLock:
    """Holds the state directory for this process; the kernel lets go of it when the process ends, however it ends."""

    def __init__(self, state: Path) -> None:
        """Make and lock ``state``. Raises StateUnusable if that cannot be, or if a living process holds it."""
        self.state = state = state.absolute()
        try:
            for directory in (state, *(state / name for name in _SUBDIRECTORIES)):
                directory.mkdir(parents=True, exist_ok=True)
                if not os.access(directory, os.R_OK | os.W_OK | os.X_OK):
                    raise PermissionError(13, "Permission denied", str(directory))
            self._file = (state / "lock").open("a+")
        except OSError as error:
            raise StateUnusable(state, f"{error.strerror}: {error.filename}") from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.seek(0)
            holder = self._file.read().strip() or "unknown"
            self._file.close()
            raise StateUnusable(state, f"process {holder} is using it") from None
        except OSError as error:  # a network file system may know no locks
            self._file.close()
            raise StateUnusable(state, f"{error.strerror}: it cannot be locked") from None
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def release(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def may(user: str, access: str, path: Path) -> bool:
    """Whether ``user`` may read (``r``), write (``w``) or run or enter (``x``) ``path``; asked of the system itself."""
    account = pwd.getpwnam(user)
    test = shutil.which("test") or "/usr/bin/test"
    question = [test, f"-{access}", str(path)]
    return (
        subprocess.run(
            question, user=account.pw_uid, group=account.pw_gid, extra_groups=[], cwd="/", check=False
        ).returncode
        == 0
    )


def may_lend_access() -> bool:
    """Whether this process, root, may let others pass over file permissions; containers may have taken that away."""
    try:
        status = Path("/proc/self/status").read_text()
    except FileNotFoundError:
        return False
    effective = next(line for line in status.splitlines() if line.startswith("CapEff:"))
    return bool(int(effective.split()[1], 16) & _CAP_DAC_OVERRIDE)
