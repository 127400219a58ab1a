"""Child processes that never outlive the emulator, not even its kill -9."""

import os
import sys
from collections.abc import Sequence
from typing import Final

# PR_SET_PDEATHSIG is kept across exec, so a guard may set it and become the program. It runs before exec, not in
# preexec_fn: running Python between fork and exec can deadlock where other threads hold locks. A parent that died
# before prctl took hold sends no signal any more, hence the look at getppid. -I -S: 15 ms instead of 30.
_GUARD: Final = """
import ctypes, os, sys
PR_SET_PDEATHSIG, SIGKILL = 1, 9
ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, SIGKILL)
if os.getppid() != int(sys.argv[1]):
    sys.exit("the emulator is gone")
os.execv(sys.argv[2], sys.argv[2:])
"""


def guarded(arguments: Sequence[str]) -> list[str]:
    """The command line that runs `arguments` (an absolute program first) and dies with this process."""
    return [sys.executable, "-I", "-S", "-c", _GUARD, str(os.getpid()), *arguments]
