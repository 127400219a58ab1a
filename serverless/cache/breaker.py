"""How long a process waits for a cache, in one request and after it did not answer.

A frozen server costs whoever asks it the whole timeout, each time. So every wait that is longer than usual is charged
to the request's budget, which is one timeout; whoever has none left does without the cache. And after a timeout the
server is left alone for some seconds, unless the answer that was waited for arrives after all: then it is back.
"""

import logging
import select
import socket
import time
from collections.abc import Callable
from typing import Final

from django.core.signals import request_started
from redis.exceptions import ConnectionError as RedisConnectionError

__all__ = ["BUDGET", "PAUSE_S", "Breaker", "Budget", "LeftAlone"]

logger = logging.getLogger(__name__)

PAUSE_S: Final = 5.0
# A longer request, a batch of tasks or a command gets another budget after this time.
RENEWED_S: Final = 5.0
# Waits up to this part of the timeout are usual: 50 of 500 ms, where Valkey inside a VPC answers in 0.5 ms.
_USUAL: Final = 0.1
_LEAST_S: Final = 0.001


class LeftAlone(RedisConnectionError):
    """The cache was not asked."""


class Budget:
    """The seconds that one request may still wait, for all caches together."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._spent = 0.0
        self._renewed = clock()

    def left(self, limit: float) -> float:
        """Return what is left of ``limit``; usually all of it."""
        if self._spent and self.clock() - self._renewed >= RENEWED_S:
            self.renew()
        return limit - self._spent

    def charge(self, waited: float, limit: float) -> None:
        """Take note of one wait."""
        if waited > limit * _USUAL:
            if not self._spent:
                self._renewed = self.clock()
            self._spent += waited

    def renew(self) -> None:
        self._spent = 0.0


# One a process: an execution environment has one request at a time, and other servers' threads share the loss.
BUDGET: Final = Budget()


def _renew(**_: object) -> None:
    BUDGET.renew()


request_started.connect(_renew, dispatch_uid="serverless.cache")


class Breaker:
    """One a server. ``limit`` is the longest wait for one answer, in seconds."""

    def __init__(self, name: str, *, limit: float, pause: float = PAUSE_S, budget: Budget = BUDGET) -> None:
        self.limit = limit
        self.timeouts = 0
        self._name, self._pause, self._budget = name, pause, budget
        self._until = 0.0
        self._was_early = 0.0
        self._canary: socket.socket | None = None

    def allowance(self) -> float:
        """Return the seconds that may be waited now. Raises LeftAlone where it is none."""
        if self._until:
            self._try_again()
        if (left := self._budget.left(self.limit)) < _LEAST_S:
            raise LeftAlone(f"This request has waited for {self._name} as long as it may.")
        return left

    def charge(self, waited: float) -> None:
        self._budget.charge(waited, self.limit)

    def trip(self, waiting: socket.socket | None) -> None:
        """Leave the server alone: there was no answer in time. ``waiting`` is where it may still arrive."""
        self._let_go()
        now = self._budget.clock()
        self.timeouts += 1
        # A server that is slow and not away answers every canary, and would be asked again at once each time.
        if now - self._was_early > self._pause or not self._was_early:
            self._canary = waiting
        elif waiting is not None:
            waiting.close()
        if not self._until:
            logger.warning("The cache %s does not answer. It is left alone for %g s.", self._name, self._pause)
        self._until = now + self._pause

    def reset(self) -> None:
        """Forget everything: the process has been restored from a snapshot, or forked."""
        self._let_go()
        self._until = self._was_early = 0.0

    def _try_again(self) -> None:
        now = self._budget.clock()
        if now < self._until:
            if self._canary is None or not readable(self._canary):
                raise LeftAlone(f"The cache {self._name} did not answer, and is left alone.")
            self._was_early = now
        self._let_go()
        self._until = 0.0
        logger.info("The cache %s is asked again.", self._name)

    def _let_go(self) -> None:
        if self._canary is not None:
            self._canary.close()
            self._canary = None


def readable(sock: socket.socket) -> bool:
    """Whether something has arrived, or the other end is gone."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))
