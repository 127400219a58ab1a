"""What a tree of processes has used, read from /proc."""

import os
from collections.abc import Iterator
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> Iterator[int]:
    """Yield ``pid`` and everything it started that is still there."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*"):
        try:
            children = (task / "children").read_text().split()
        except OSError:
            continue
        for child in children:
            yield from tree(int(child))


def cpu_s(pid: int) -> float:
    """Return the CPU seconds, user and system, of a process and of its children that have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    # proc(5): utime, stime, cutime, cstime are fields 14-17; what is split here begins with field 3.
    return sum(int(ticks) for ticks in fields[11:15]) / _TICKS


def peak_mb(pid: int) -> int:
    """Return the most memory that the process ever had resident, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def role(pid: int) -> str:
    """Return what part of the cloud the process is: a function's name, or a service's."""
    line = command(pid)
    for name, mark in (("S3 and SQS", "aws_server"), ("PostgreSQL", "postgres"), ("Valkey", "valkey")):
        if mark in line:
            return name
    return function(pid) or "emulator"


def function(pid: int) -> str:
    """Return the name of the Lambda function that the process is an execution environment of, or nothing."""
    try:
        environ = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return ""
    if "awslambdaric" not in command(pid):
        return ""
    prefix = b"AWS_LAMBDA_FUNCTION_NAME="
    return next((entry.removeprefix(prefix).decode() for entry in environ if entry.startswith(prefix)), "")
