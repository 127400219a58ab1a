"""The end of a request's time, a little before Lambda's own: an answer instead of a killed environment.

A timer's signal raises DeadlineExceeded in the main thread, which unwinds the view and rolls its transaction back.
Where it cannot, because compiled code holds the main thread or something swallows the exception, a second one speaks.
"""

import signal
import socket
import threading
import time
from collections.abc import Callable
from typing import Final

from serverless.http.exceptions import DeadlineExceeded

__all__ = ["MARGIN_S", "Deadline"]

# What is kept back to roll back, to render the answer and to send it, one half for each of the two threads. A rollback
# is one round trip, 1-2 ms inside a region; cancelling a statement takes a connection of its own, 6-10 ms.
MARGIN_S: Final = 1.0


class Deadline:
    """Ends what runs too long. One a process, made in its main thread: signals arrive nowhere else."""

    def __init__(self) -> None:
        self._armed = False
        self._lock = threading.Lock()
        self._last_words: Callable[[], None] | None = None
        self._before = signal.signal(signal.SIGALRM, self._expire)
        # The interpreter writes to it also while the main thread runs compiled code, which _expire has to wait for.
        self._told, self._tell = socket.socketpair()
        self._tell.setblocking(False)
        self._told_before = signal.set_wakeup_fd(self._tell.fileno(), warn_on_full_buffer=False)
        threading.Thread(target=self._watch, name="deadline", daemon=True).start()

    def call[Result](self, function: Callable[[], Result], *, seconds: float, last_words: Callable[[], None]) -> Result:
        """Return what ``function`` returns, if it does within ``seconds``. Raises DeadlineExceeded where it does not.

        ``last_words`` is called on another thread where that exception had no effect for half of MARGIN_S; nothing is
        returned after it.
        """
        self._last_words = last_words
        try:
            try:
                self._armed = True
                signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))
                return function()
            finally:
                self._armed = False
        finally:  # the signal may have come in the inner one
            signal.setitimer(signal.ITIMER_REAL, 0)
            with self._lock:
                self._last_words = None

    def close(self) -> None:
        """Give the signal back. An execution environment never does: it ends with its process."""
        signal.set_wakeup_fd(self._told_before, warn_on_full_buffer=False)
        signal.signal(signal.SIGALRM, self._before)
        self._tell.close()

    def _expire(self, *_: object) -> None:
        if self._armed:
            self._armed = False
            raise DeadlineExceeded

    def _watch(self) -> None:
        while told := self._told.recv(64):
            if signal.SIGALRM not in told:
                continue
            late = self._last_words
            time.sleep(MARGIN_S / 2)
            with self._lock:  # so that the main thread cannot return any more while this one speaks
                if late is not None and self._last_words is late:
                    late()
        self._told.close()
