"""What functions print, line by line, as it would arrive in CloudWatch Logs."""

import asyncio
import os
from collections.abc import Callable
from typing import Final

type Log = Callable[[str], None]

# What a pipe holds (https://man7.org/linux/man-pages/man7/pipe.7.html), so that one read empties it.
_CHUNK: Final = 65_536
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html: the longest event.
_LINE_BYTES: Final = 1 << 20


def prefixed(log: Log, name: str) -> Log:
    """A log that says which function speaks."""
    return lambda line: log(f"[{name}] {line}")


class LogPipe:
    """The standard output and error of one process, forwarded in order."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._rest = b""
        self._reader, self.writer = os.pipe()
        os.set_blocking(self._reader, False)
        asyncio.get_running_loop().add_reader(self._reader, self.drain)

    def started(self) -> None:
        """The process holds its own copy of the writing end: close ours, so that its end is seen."""
        os.close(self.writer)

    def drain(self) -> None:
        """Forward what the pipe holds.

        The loop runs this before it sees the answer that the function posted later, so that END never overtakes a line.
        One read a turn: a function that writes without end must not keep the loop from its timeout.
        """
        try:
            chunk = os.read(self._reader, _CHUNK)
        except BlockingIOError:
            return
        if chunk:
            self._forward(chunk)
        else:
            asyncio.get_running_loop().remove_reader(self._reader)

    def abandon(self) -> None:
        """Free the pipe of a process that did not come to be."""
        self.started()
        self.close()

    def close(self) -> None:
        """Forward the rest, an unfinished line too, and free the pipe."""
        self.drain()
        asyncio.get_running_loop().remove_reader(self._reader)
        os.close(self._reader)
        if self._rest:
            self._forward(b"\n")

    def _forward(self, chunk: bytes) -> None:
        # awslambdaric joins the lines of a traceback with \r, so that CloudWatch keeps them in one event.
        *lines, self._rest = (self._rest + chunk).replace(b"\r", b"\n").split(b"\n")
        if len(self._rest) >= _LINE_BYTES:
            lines, self._rest = [*lines, self._rest], b""
        for line in lines:
            if line:
                self._log(line.decode(errors="replace").rstrip())
