"""Run as a script: become the given program, tied to the life of the process that started it.

``python -I -S tether.py PARENT PID_FILE USER PROGRAM ARGUMENT...``. USER is ``-`` for the caller's own, ``NAME+`` for
one who shall get through directories that are closed to them. An extra process instead of ``preexec_fn``, which may
deadlock in a parent that has threads; the program keeps its process id.
"""

import ctypes
import os
import pwd
import signal
import sys

# https://man7.org/linux/man-pages/man2/pr_set_pdeathsig.2const.html
_PR_SET_PDEATHSIG = 1
# https://man7.org/linux/man-pages/man7/capabilities.7.html: an ambient capability survives the change of program.
_PR_SET_KEEPCAPS = 8
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 47, 2
_CAP_DAC_OVERRIDE = 1
_CAPABILITY_VERSION_3 = 0x20080522


def _become(user: str, *, keep: bool) -> None:
    """Change to ``user``; with ``keep``, of root's rights only the one to pass over file permissions remains."""
    account = pwd.getpwnam(user)
    if keep:
        _call("prctl", _PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    if keep:
        header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
        right = 1 << _CAP_DAC_OVERRIDE
        _call("capset", header, (ctypes.c_uint32 * 6)(right, right, right))  # effective, permitted, inheritable
        _call("prctl", _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE, 0, 0)


def _call(name: str, *arguments: object) -> None:
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) != 0:
        sys.exit(f"{name}: {os.strerror(ctypes.get_errno())}")


def _die_with(parent: int) -> None:
    """Ask the kernel for SIGINT when the parent ends, however it ends; only Linux can."""
    if sys.platform != "linux":
        return
    _call("prctl", _PR_SET_PDEATHSIG, signal.SIGINT.value, 0, 0, 0)
    if os.getppid() != parent:  # it ended before the kernel was asked
        sys.exit("The process that started this one is gone.")


def main(parent: str, pid_file: str, user: str, *command: str) -> None:
    with open(pid_file, "w", encoding="ascii") as file:
        file.write(str(os.getpid()))
    if user != "-":
        _become(
            user.removesuffix("+"), keep=user.endswith("+")
        )  # first: changing the user makes the kernel forget the request below
    _die_with(int(parent))
    os.execv(command[0], command)  # noqa: S606 - the caller names the program, no shell is wanted


if __name__ == "__main__":
    main(*sys.argv[1:])
