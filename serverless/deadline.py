"""The end of a request's or a task's time, a little before Lambda's own: an answer instead of a killed environment.

A timer's signal raises DeadlineExceeded in the main thread, which unwinds the view and rolls its transaction back.
Where it cannot, because compiled code holds the main thread or something swallows the exception, a second one speaks.
"""

import signal
import socket
import threading
import time
from collections.abc import Callable
from typing import Final

__all__ = ["MARGIN_S", "Deadline", "DeadlineExceeded"]

# What is kept back to roll back, to render the answer and to send it, one half for each of the two threads. A rollback
# is one round trip, 1-2 ms inside a region; cancelling a statement takes a connection of its own, 6-10 ms.
MARGIN_S: Final = 1.0


class DeadlineExceeded(KeyboardInterrupt):
    """A request or a task ran until shortly before the end of its time. A request is answered with 503; a task failed.

    A KeyboardInterrupt, because that is what Python has for being interrupted by a signal: Django and ``except
    Exception`` let it pass, asyncio hands it on, and psycopg cancels the statement it waits for and keeps the
    connection usable, so that an open transaction is rolled back.
    """

    unfinished = False
    """Whether code of it still runs, on a thread that no signal reaches."""


class Deadline:
    """Ends what runs too long. One a process, made in its main thread: signals arrive nowhere else.

    The timer is set for the end of one call and left to run: the calls after it end later, and the signal that then
    comes too early sets it anew. To set and to stop it for each of them would cost 3 us a call.
    """

    def __init__(self) -> None:
        self._interruptible = False
        self._fires_at = 0.0  # on time.monotonic(); 0 for never
        self._lock = threading.Lock()
        self._current: tuple[float, Callable[[], None]] | None = None
        self._before = signal.signal(signal.SIGALRM, self._expire)
        # The interpreter writes to it also while the main thread runs compiled code, which _expire has to wait for.
        self._told, self._tell = socket.socketpair()
        self._tell.setblocking(False)
        self._told_before = signal.set_wakeup_fd(self._tell.fileno(), warn_on_full_buffer=False)
        threading.Thread(target=self._watch, name="deadline", daemon=True).start()

    def call[Result](
        self, function: Callable[..., Result], *args: object, ends_at: float, last_words: Callable[[], None]
    ) -> Result:
        """Return what ``function`` returns for ``args``, if it does before ``time.monotonic()`` is ``ends_at``.

        Raises DeadlineExceeded where it does not. ``last_words`` is called on another thread where that exception had
        no effect for half of MARGIN_S; nothing is returned after it.
        """
        self._current = ends_at, last_words
        try:
            try:
                self._interruptible = True
                if not 0 < self._fires_at <= ends_at:
                    self._fire_at(ends_at)
                return function(*args)
            finally:
                self._interruptible = False
        finally:  # the signal may have come in the inner one
            with self._lock:
                self._current = None

    def close(self) -> None:
        """Give the signal back. An execution environment never does: it ends with its process."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.set_wakeup_fd(self._told_before, warn_on_full_buffer=False)
        signal.signal(signal.SIGALRM, self._before)
        self._tell.close()

    def _fire_at(self, moment: float) -> None:
        self._fires_at = moment
        signal.setitimer(signal.ITIMER_REAL, max(moment - time.monotonic(), 0.001))

    def _expire(self, *_: object) -> None:
        self._fires_at = 0.0
        if not self._interruptible or self._current is None:
            return
        if (ends_at := self._current[0]) > time.monotonic():
            self._fire_at(ends_at)
            return
        self._interruptible = False
        raise DeadlineExceeded

    def _watch(self) -> None:
        """Speak for the call that a signal met, unless it has ended half of MARGIN_S after its end."""
        mine, due = None, 0.0
        while True:
            self._told.settimeout(None if mine is None else max(due - time.monotonic(), 0.001))
            try:
                told = self._told.recv(64)
            except TimeoutError:
                with self._lock:  # so that the main thread cannot return any more while this one speaks
                    if mine is not None and self._current is mine:
                        mine[1]()
                mine = None
                continue
            if not told:
                self._told.close()
                return
            if signal.SIGALRM in told and (mine := self._current) is not None:
                due = max(mine[0], time.monotonic()) + MARGIN_S / 2
